/** Guests that do not cooperate: each is stopped, and the backend goes on. */
import { briefMs, type ConformanceCheck, endsByTime, endsEvery, exceeds, outputBytes, play, shows } from "../context.ts";
import { told, want, wantBounded, wantCut, wantMatch, wantText } from "../wanted.ts";

export const limitsChecks: readonly ConformanceCheck[] = [
  {
    id: "busy-loop",
    title: "a busy loop is stopped by the host",
    limit: "wallTime",
    async run(context) {
      const source = `console.log("start"); for (;;);`;
      const outcome = await endsByTime(context, (wallTimeMs) => exceeds(context, source, "wallTime", { wallTimeMs }));
      wantText(outcome, "start");
    },
  },
  {
    id: "uncatchable-deadline",
    title: "a loop that catches everything is stopped by the host",
    limit: "wallTime",
    run: async (context) =>
      void (await exceeds(context, `for (;;) { try { for (;;); } catch {} finally { continue; } }`, "wallTime", {
        wallTimeMs: briefMs(context),
      })),
  },
  {
    id: "microtask-loop",
    title: "an endless chain of promise jobs is stopped by the host",
    limit: "wallTime",
    run: async (context) =>
      void (await exceeds(context, `const again = (): void => void Promise.resolve().then(again);\nagain();`, "wallTime", {
        wallTimeMs: briefMs(context),
      })),
  },
  {
    id: "async-loop",
    title: "an endless loop of timers, real or virtual, is stopped by the host",
    limit: "wallTime",
    async run(context) {
      const source = `for (;;) await new Promise((r) => setTimeout(r, 1));`;
      await exceeds(context, source, "wallTime", { wallTimeMs: briefMs(context), virtualTime: false });
      await exceeds(context, source, "wallTime", { wallTimeMs: briefMs(context), virtualTime: true });
    },
  },
  {
    id: "unanswered-call",
    title: "a tool call that never answers ends with the wall time",
    limit: "wallTime",
    run: async (context) =>
      void (await exceeds(context, `await callTool("lab", "slow", {});`, "wallTime", { wallTimeMs: briefMs(context) })),
  },
  {
    id: "slow-builtin",
    title: "a built-in that computes for ever is stopped by the host",
    limit: "wallTime",
    run: async (context) =>
      void (await exceeds(
        context,
        `/(a+)+b/.test("a".repeat(60)); [..."x".repeat(60)].join().repeat(2 ** 20).lastIndexOf("q");`,
        "wallTime",
        {
          wallTimeMs: briefMs(context),
        },
      )),
  },
  {
    id: "memory-heap",
    title: "a program that fills its memory is stopped, and the host lives",
    limit: "memory",
    run: async (context) =>
      void (await exceeds(
        context,
        // More than any limit here leaves room for, and an end where nothing limits it.
        `const all: unknown[] = []; while (all.length < 1e7) all.push({ n: all.length, s: [1, 2, 3] });`,
        "memory",
        {},
      )),
  },
  {
    id: "memory-buffers",
    title: "buffers outside the heap count as memory",
    limit: "memory",
    async run(context) {
      const source = `const all: unknown[] = []; for (let i = 0; i < 200; i++) all.push(new Uint8Array(2_000_000).fill(1)); console.log("filled");`;
      await endsEvery(context, "memory", () => play(context, source));
      await shows(context, `console.log("next")`, "next");
    },
  },
  {
    id: "output-flood",
    title: "a flood of output is cut with a fixed line, and an endless one is stopped",
    limit: "output",
    async run(context) {
      const some = await play(context, `for (let i = 0; i < 3000; i++) console.log("é".repeat(5));`);
      wantCut(some, outputBytes);
      want(some.status === "returned", `wanted: it returns; ${told(some)}`);
      const endless = await exceeds(context, `for (;;) console.log("x".repeat(1000));`, "output", {});
      wantBounded(endless, outputBytes);
    },
  },
  {
    id: "deep-recursion",
    title: "runaway recursion is a RangeError of the program",
    async run(context) {
      await shows(
        context,
        `const deep = (): number => deep() + 1;\ntry { deep(); } catch (e) { console.log(e instanceof RangeError, (e as Error).message); }`,
        "true Maximum call stack size exceeded",
      );
      const uncaught = await play(context, `const deep = (): number => deep() + 1;\ndeep();`);
      wantMatch(uncaught, /^Error: RangeError: Maximum call stack size exceeded\n {4}at program\.ts:1\n/);
    },
  },
];
