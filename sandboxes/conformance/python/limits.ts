/** Python programs that do not cooperate: each is stopped, and the backend goes on. */
import { equal, match, ok } from "node:assert/strict";
import { type ConformanceCheck, outputBytes } from "../context.ts";
import { exceedsPython, playPython, runPython, withPython } from "./context.ts";

const soon = { wallTimeMs: 1_000 };

export const pythonLimits: readonly ConformanceCheck[] = [
  {
    id: "busy-loop",
    title: "a busy loop is stopped by the host, also one that catches everything",
    limit: "wallTime",
    async run(context) {
      equal((await exceedsPython(context, `print("start")\nwhile True:\n    pass`, "wallTime", soon)).text, "start");
      const stubborn = `while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        continue`;
      await exceedsPython(context, stubborn, "wallTime", soon);
    },
  },
  {
    id: "async-loop",
    title: "an endless loop of timers, real or virtual, is stopped by the host",
    limit: "wallTime",
    async run(context) {
      const source = `import asyncio\nwhile True:\n    await asyncio.sleep(0.001)`;
      await exceedsPython(context, source, "wallTime", soon);
      await exceedsPython(context, source, "wallTime", { ...soon, virtualTime: true });
    },
  },
  {
    id: "unanswered-call",
    title: "a tool call that never answers ends with the wall time",
    limit: "wallTime",
    run: async (context) => void (await exceedsPython(context, `await call_tool("lab", "slow", {})`, "wallTime", soon)),
  },
  {
    id: "slow-builtin",
    title: "a built-in that computes for ever is stopped by the host",
    limit: "wallTime",
    run: async (context) => void (await exceedsPython(context, `import re\nre.match("(a+)+b", "a" * 60)`, "wallTime", soon)),
  },
  {
    id: "memory-heap",
    title: "a program that fills its memory is stopped, and the host lives",
    limit: "memory",
    run: async (context) =>
      void (await exceedsPython(context, `rows = []\nwhile True:\n    rows.append({"n": len(rows)})`, "memory")),
  },
  {
    id: "memory-buffers",
    title: "buffers count as memory",
    limit: "memory",
    run: async (context) =>
      void (await exceedsPython(context, `rows = [bytearray(b"x" * 2_000_000) for _ in range(200)]\nprint("filled")`, "memory")),
  },
  {
    id: "output-flood",
    title: "a flood of output is cut with a fixed line, and an endless one is stopped",
    limit: "output",
    async run(context) {
      const some = await playPython(context, `for _ in range(3000):\n    print("é" * 5)`);
      equal(some.status, "returned");
      ok(some.text.endsWith(`\n[output cut at ${outputBytes} bytes]`), some.text.slice(-80));
      ok(Buffer.byteLength(some.text) <= outputBytes + 40 && !some.text.includes("\uFFFD"));
      const endless = await exceedsPython(context, `while True:\n    print("x" * 1000)`, "output");
      ok(Buffer.byteLength(endless.text) <= outputBytes + 40);
    },
  },
  {
    id: "deep-recursion",
    title: "runaway recursion is a RecursionError of the program, and the session goes on",
    run: (context) =>
      withPython(context, async (session) => {
        const uncaught = await runPython(session, `def deep():\n    return deep() + 1\ndeep()`);
        match(uncaught.text, /^Error: RecursionError: maximum recursion depth exceeded.*\n {4}at program\.py:2\n/);
        equal((await runPython(session, `try:\n    deep()\nexcept RecursionError:\n    print("caught")`)).text, "caught");
      }),
  },
];
