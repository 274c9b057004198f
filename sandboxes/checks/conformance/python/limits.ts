/** Python programs that do not cooperate: each is stopped, and the backend goes on. */
import { briefMs, type ConformanceCheck, type ConformanceContext, endsByTime, endsEvery, outputBytes } from "../context.ts";
import { told, want, wantBounded, wantCut, wantMatch, wantText } from "../wanted.ts";
import { exceedsPython, playPython, runPython, showAll, withPython } from "./context.ts";

const brief = (context: ConformanceContext) => ({ wallTimeMs: briefMs(context) });

export const pythonLimits: readonly ConformanceCheck[] = [
  {
    id: "busy-loop",
    title: "a busy loop is stopped by the host, also one that catches everything",
    limit: "wallTime",
    async run(context) {
      const source = `print("start")\nwhile True:\n    pass`;
      const outcome = await endsByTime(context, (wallTimeMs) => exceedsPython(context, source, "wallTime", { wallTimeMs }));
      wantText(outcome, "start");
      const stubborn = `while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        continue`;
      await exceedsPython(context, stubborn, "wallTime", brief(context));
    },
  },
  {
    id: "async-loop",
    title: "an endless loop of timers, real or virtual, is stopped by the host",
    limit: "wallTime",
    async run(context) {
      const source = `import asyncio\nwhile True:\n    await asyncio.sleep(0.001)`;
      await exceedsPython(context, source, "wallTime", brief(context));
      await exceedsPython(context, source, "wallTime", { ...brief(context), virtualTime: true });
    },
  },
  {
    id: "unanswered-call",
    title: "a tool call that never answers ends with the wall time",
    limit: "wallTime",
    run: async (context) => void (await exceedsPython(context, `await call_tool("lab", "slow", {})`, "wallTime", brief(context))),
  },
  {
    id: "slow-builtin",
    title: "a built-in that computes for ever is stopped by the host",
    limit: "wallTime",
    run: async (context) =>
      void (await exceedsPython(context, `import re\nre.match("(a+)+b", "a" * 60)`, "wallTime", brief(context))),
  },
  {
    id: "memory-heap",
    title: "a program that fills its memory is stopped, and the host lives",
    limit: "memory",
    // More than any limit here leaves room for, and an end where nothing limits it.
    run: async (context) =>
      void (await exceedsPython(context, `rows = []\nwhile len(rows) < 4_000_000:\n    rows.append({"n": len(rows)})`, "memory")),
  },
  {
    id: "memory-buffers",
    title: "buffers count as memory",
    limit: "memory",
    async run(context) {
      const source = `rows = [bytearray(b"x" * 2_000_000) for _ in range(200)]\nprint("filled")`;
      await endsEvery(context, "memory", () => playPython(context, source));
      await showAll(context, [[`print("next")`, "next"]]);
    },
  },
  {
    id: "output-flood",
    title: "a flood of output is cut with a fixed line, and an endless one is stopped",
    limit: "output",
    async run(context) {
      const some = await playPython(context, `for _ in range(3000):\n    print("é" * 5)`);
      wantCut(some, outputBytes);
      want(some.status === "returned", `wanted: it returns; ${told(some)}`);
      const endless = await exceedsPython(context, `while True:\n    print("x" * 1000)`, "output");
      wantBounded(endless, outputBytes);
    },
  },
  {
    id: "deep-recursion",
    title: "runaway recursion is a RecursionError of the program, and the session goes on",
    run: (context) =>
      withPython(context, async (session) => {
        const uncaught = await runPython(session, `def deep():\n    return deep() + 1\ndeep()`);
        wantMatch(uncaught, /^Error: RecursionError: maximum recursion depth exceeded.*\n {4}at program\.py:2\n/);
        wantText(await runPython(session, `try:\n    deep()\nexcept RecursionError:\n    print("caught")`), "caught");
      }),
  },
];
