/** What a Python program's result is: output, errors, state, the clock. */
import { type ConformanceCheck, outputBytes } from "../context.ts";
import { wantBounded, wantMatch, wantSame, wantText } from "../wanted.ts";
import { playPython, runPython, showAll, withPython } from "./context.ts";

export const pythonResults: readonly ConformanceCheck[] = [
  {
    id: "result",
    title: "a program's output is its result, and an empty program has none",
    run: (context) =>
      showAll(context, [
        [`print("n", 6 * 7, {"n": 42})`, "n 42 {'n': 42}"],
        ["", ""],
      ]),
  },
  {
    id: "thrown-error",
    title: "an exception shows its name, its message and the program's own frames, of its own files too",
    run: (context) =>
      withPython(context, async (session) => {
        const outcome = await runPython(session, `print("before")\ndef f():\n    raise TypeError("bad")\nf()`);
        wantText(outcome, "before\nError: TypeError: bad\n    at program.py:3\n    at program.py:4");
        wantSame("error.frames[0] of a run that threw", outcome.status === "threw" && outcome.error.frames[0], {
          file: "program.py",
          line: 3,
        });
        await session.writeFile("lib/my parse.py", new TextEncoder().encode("def parse(text):\n    raise ValueError(text)\n"));
        const source = `import importlib\nparse = importlib.import_module("lib.my parse").parse\nparse("x")`;
        wantText(await runPython(session, source), "Error: ValueError: x\n    at lib/my parse.py:2\n    at program.py:3");
        wantMatch(await runPython(session, "a = 1\nb = = 2"), /^Error: SyntaxError: .*\n {4}at program\.py:2$/);
      }),
  },
  {
    id: "late-error",
    title: "an exception of a task that nobody awaits, or of a timer, ends the run as thrown",
    run: (context) =>
      withPython(context, async (session) => {
        const lost = `import asyncio\nasync def lose():\n    raise KeyError("lost")\ntask = asyncio.create_task(lose())\nawait asyncio.sleep(0.01)`;
        wantText(await runPython(session, lost), "Error: KeyError: 'lost'\n    at program.py:3");
        const timed = `import asyncio\ndef late():\n    raise ValueError("late")\nasyncio.get_running_loop().call_later(0.001, late)`;
        wantText(await runPython(session, timed), "Error: ValueError: late\n    at program.py:3");
        const awaited = `import asyncio\ntry:\n    await asyncio.create_task(lose())\nexcept KeyError:\n    print("caught")`;
        wantText(await runPython(session, awaited), "caught");
      }),
  },
  {
    id: "unawaited-work",
    title: "a run lasts until work that is not awaited is done",
    run: (context) =>
      showAll(context, [
        [
          `import asyncio\nasync def main():\n    await call_tool("lab", "text", {})\n    await asyncio.sleep(0.005)\n    print("done")\ntask = asyncio.create_task(main())`,
          "done",
        ],
      ]),
  },
  {
    id: "never-settles",
    title: "a program that awaits what can never happen ends and says so, and the next one works",
    run: (context) =>
      withPython(context, async (session) => {
        const never = "Error: Error: The program awaits something that can never happen";
        wantText(await runPython(session, "import asyncio\nawait asyncio.Event().wait()"), never);
        wantText(await runPython(session, "asyncio.run(asyncio.Event().wait())"), `${never}\n    at program.py:1`);
        wantText(await runPython(session, "await asyncio.sleep(0)\nprint(1)"), "1");
      }),
  },
  {
    id: "globals-persist",
    title: "globals, functions, classes and imports persist from run to run, also after one that threw",
    run: (context) =>
      withPython(context, async (session) => {
        await runPython(
          session,
          `import json as j\nfrom dataclasses import dataclass\n@dataclass\nclass Row:\n    id: int\nrows = [Row(1)]\nraise ValueError("x")`,
        );
        wantText(
          await runPython(session, `rows.append(Row(2))\nprint(j.dumps([r.id for r in rows]), rows[1])`),
          "[1, 2] Row(id=2)",
        );
      }),
  },
  {
    id: "leftover-tasks",
    title: "tasks of a program that threw are cancelled, and disturb no later run",
    run: (context) =>
      withPython(context, async (session) => {
        const source = `import asyncio\nasync def work():\n    try:\n        await asyncio.sleep(60)\n    finally:\n        print("cleaned")\nkept = asyncio.create_task(work())\nawait asyncio.sleep(0)\nraise ValueError("stop")`;
        wantText(await runPython(session, source), "cleaned\nError: ValueError: stop\n    at program.py:9");
        wantText(await runPython(session, `print(kept.cancelled())`), "True");
      }),
  },
  {
    id: "lone-surrogates",
    title: "lone surrogates become U+FFFD in output and errors",
    async run(context) {
      const outcome = await playPython(context, `print("a\\ud800b")\nraise ValueError("\\udc00")`);
      wantText(outcome, "a\uFFFDb\nError: ValueError: \uFFFD\n    at program.py:2");
    },
  },
  {
    id: "hostile-errors",
    title: "exceptions that fight back are shown all the same",
    run: (context) =>
      withPython(context, async (session) => {
        const hostile = await runPython(
          session,
          `class E(Exception):\n    def __str__(self):\n        raise KeyError()\nraise E()`,
        );
        wantText(hostile, "Error: E: [unprintable]\n    at program.py:4");
        wantMatch(await runPython(session, "raise KeyboardInterrupt()"), /^Error: KeyboardInterrupt: \n/);
        const huge = await runPython(session, `raise ValueError("x" * 5_000_000)`);
        wantBounded(huge, outputBytes);
        wantMatch(huge, /^Error: ValueError: xxx/);
      }),
  },
  {
    id: "exits",
    title: "sys.exit() ends the program, not the session, and 0 is no error",
    run: (context) =>
      withPython(context, async (session) => {
        wantText(await runPython(session, `import sys\nprint(1)\nsys.exit()\nprint(2)`), "1");
        wantText(await runPython(session, `exit("no leads")`), "Error: SystemExit: no leads\n    at program.py:1");
        wantText(await runPython(session, `import asyncio\nasync def main():\n    quit(0)\nasyncio.run(main())`), "");
        wantText(await runPython(session, `print("here")`), "here");
      }),
  },
  {
    id: "empty-environment",
    title: "nothing of the host's environment or arguments is visible",
    run: (context) =>
      showAll(context, [
        [
          `import os, sys\nprint("environment:", [name for name in os.environ if name != "TZ"], "arguments:", sys.argv, "stdin:", repr(sys.stdin.read()), "hour at the epoch:", __import__("datetime").datetime.fromtimestamp(0).hour)`,
          "environment: [] arguments: [''] stdin: '' hour at the epoch: 0",
        ],
      ]),
  },
  {
    id: "virtual-timers",
    title: "virtual timers complete at once, in order, move every clock, and add up exactly",
    async run(context) {
      const source = `import asyncio, time
start = time.time(), time.monotonic()
async def say(name, seconds):
    await asyncio.sleep(seconds)
    print(name)
tasks = [asyncio.create_task(say("b", 2000)), asyncio.create_task(say("a", 1000.5))]
for _ in range(100):
    await asyncio.sleep(30)
time.sleep(0.1)
try:
    await asyncio.wait_for(asyncio.sleep(10), 1)
except TimeoutError:
    print("timeout")
print(3001 <= time.time() - start[0] < 6002, 3001 <= time.monotonic() - start[1] < 6002)`;
      const outcome = await playPython(context, source, { virtualTime: true });
      wantText(outcome, "a\nb\ntimeout\nTrue True");
      wantSame("activity.virtualWaitMs", outcome.activity.virtualWaitMs, 3_001_100);
    },
  },
  {
    id: "real-timers",
    title: "real timers wait for real and add nothing to the virtual wait",
    async run(context) {
      const source = `import asyncio, time\nstart = time.monotonic()\nawait asyncio.sleep(0.06)\nprint(time.monotonic() - start >= 0.055)`;
      const outcome = await playPython(context, source);
      wantText(outcome, "True");
      wantSame("activity.virtualWaitMs", outcome.activity.virtualWaitMs, 0);
    },
  },
];
