/**
 * The corpus of Python. What interpreters word themselves (a SyntaxError, an errno's number where a program prints it) is
 * left out: no script may depend on it. What each program shows is in `golden.json`.
 */
import type { CorpusProgram } from "./program.ts";

export const pythonPrograms: readonly CorpusProgram[] = [
  { id: "nothing", source: "unused = 1" },
  {
    id: "values",
    source: `print("a\\tb", {"a": [1, None, True]}, 0.1 + 0.2, (1,), {1}, b"x", "ünï 🎉")`,
  },
  { id: "globals-persist", source: "print(unused + 1, __name__)" },
  {
    id: "one-order",
    source: `import sys\nprint("1")\nprint("2", file=sys.stderr)\nsys.stdout.write("3")\nsys.stderr.write("4\\n")\nprint("end", end="")`,
  },
  {
    id: "raise-in-function",
    source: `def pick(rows):\n    raise LookupError(f"no row in {len(rows)}")\n\n\npick([])`,
  },
  {
    id: "raise-after-await",
    source: `async def load():\n    await call_tool("lab", "echo", {})\n    raise ValueError("after")\n\n\nawait load()`,
  },
  {
    id: "raise-own-class",
    source: `class NotFound(Exception):\n    pass\n\n\nraise NotFound("lead")`,
  },
  {
    id: "raise-from",
    source: `try:\n    {}["a"]\nexcept KeyError as error:\n    raise RuntimeError("outer") from error`,
  },
  {
    id: "tool-error",
    source: `from servers.lab.echo import echo\n\ntry:\n    await call_tool("lab", "nope", {})\nexcept ToolError as error:\n    print(type(error).__name__, error)\nprint(await echo({"é": [1]}))\nawait call_tool("lab", "nope", {})`,
  },
  {
    id: "missing-file",
    source: `open("nope.txt")`,
  },
  {
    id: "asyncio-run",
    source: `import asyncio\n\n\nasync def main():\n    print(await asyncio.gather(*(call_tool("lab", "echo", {"i": i}) for i in range(2))))\n\n\nasyncio.run(main())`,
  },
  {
    id: "task-order",
    source: `import asyncio\n\n\nasync def say(name, seconds):\n    await asyncio.sleep(seconds)\n    print(name)\n\n\ntasks = [asyncio.create_task(say("b", 2)), asyncio.create_task(say("a", 1))]\nprint("first")`,

    virtualTime: true,
  },
  {
    id: "polling",
    source: `import asyncio, time\nfrom datetime import datetime\n\nstart, day = time.time(), datetime.now()\nfor _ in range(10):\n    await asyncio.sleep(30)\ntime.sleep(60)\nprint(round((time.time() - start) / 360), round((datetime.now() - day).total_seconds() / 360))\nprint(repr(datetime(2024, 1, 2)), isinstance(day, datetime))`,

    virtualTime: true,
  },
  {
    id: "never",
    source: `import asyncio\nprint("waiting")\nawait asyncio.Event().wait()`,
  },
  {
    id: "files",
    source: `import csv, json, os, pathlib\nos.makedirs("out/deep", exist_ok=True)\nwith open("out/deep/x.csv", "w", newline="") as file:\n    csv.writer(file).writerows([["id", "name"], [1, "é"]])\nprint(json.dumps(list(csv.DictReader(open("/workspace/out/deep/x.csv")))), os.listdir("out"), pathlib.Path("out/deep/x.csv").stat().st_size)`,
  },
  { id: "long-output", source: `for i in range(3000):\n    print(i, "é" * 20)\nraise ValueError("at the end")` },
  { id: "exit", source: `import sys\nprint("bye")\nsys.exit(3)` },
];
