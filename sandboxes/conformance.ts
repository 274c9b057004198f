/**
 * What every JavaScript backend must do, as data: one named check each, run through the public contract alone. A
 * backend's test is `describeConformance(...)`; what a backend cannot do yet is listed there with its reason.
 */
import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  type CallReply,
  type GuestBridge,
  isBenchError,
  type JsonObject,
  type Outcome,
  type RunOptions,
  type Sandbox,
  type Session,
} from "../bench/types/index.ts";

export interface ConformanceContext {
  readonly sandbox: Sandbox;
  /** The backend's own `tmpDir`, with nothing else in it. */
  readonly tmpDir: string;
  /** An absolute path of a host's file that holds `canary`. */
  readonly canaryFile: string;
  readonly canary: string;
}

export interface ConformanceCheck {
  readonly id: string;
  readonly title: string;
  /** Rejects with what is wrong. */
  run(context: ConformanceContext): Promise<void>;
}

const memoryBytes = 64 * 2 ** 20;
const outputBytes = 20_000;

/** Server `lab`: `echo` gives its input back, `text` has no structured content, `fail` says isError, `slow` never answers. */
function labBridge(): GuestBridge & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    async call(server, tool, input, signal): Promise<CallReply> {
      calls.push(`${server}/${tool}`);
      if (tool === "echo") return { status: "ok", text: JSON.stringify(input), structured: input };
      if (tool === "text") return { status: "ok", text: "plain" };
      if (tool === "big") return { status: "ok", text: "", structured: { text: "x".repeat(Number(input.length)) } };
      if (tool === "deep") return { status: "ok", text: "", structured: nested(100_000) };
      if (tool === "slow") return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(refused)));
      return { status: "tool-error", text: `no ${tool} here` };
    },
  };
}
const refused: CallReply = { status: "failed", text: "aborted" };

function nested(levels: number): JsonObject {
  let value: JsonObject = {};
  for (let level = 0; level < levels; level++) value = { value };
  return value;
}

const files = new Map([
  ["servers/lab/echo.ts", `export const echo = (input: object): Promise<unknown> => callTool("lab", "echo", input);\n`],
]);

interface PlayOptions extends Partial<RunOptions> {
  readonly memoryBytes?: number;
}

async function withSession<T>({ sandbox }: ConformanceContext, use: (session: Session) => Promise<T>, memory = memoryBytes) {
  const session = await sandbox.open({ language: "javascript", files, memoryBytes: memory });
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

const runIn = (session: Session, source: string, options: PlayOptions = {}): Promise<Outcome> =>
  session.run(
    { file: "program.ts", source },
    { bridge: labBridge(), wallTimeMs: 20_000, outputBytes, virtualTime: false, ...options },
  );

const play = (context: ConformanceContext, source: string, options: PlayOptions = {}) =>
  withSession(context, (session) => runIn(session, source, options), options.memoryBytes);

/** The program ends well and shows exactly this. */
async function shows(context: ConformanceContext, source: string, text: string, options: PlayOptions = {}) {
  const outcome = await play(context, source, options);
  equal(outcome.text, text);
  equal(outcome.status, "returned");
}

async function exceeds(context: ConformanceContext, source: string, limit: string, options: PlayOptions) {
  const outcome = await play(context, source, options);
  equal(outcome.status === "limit-exceeded" ? outcome.limit : `${outcome.status}: ${outcome.text.slice(0, 200)}`, limit);
  // The host is well, and so is the backend.
  await shows(context, `console.log("next")`, "next");
  return outcome;
}

export const conformanceChecks: readonly ConformanceCheck[] = [
  {
    id: "result",
    title: "a program's output is its result",
    run: (context) => shows(context, `const n: number = 6 * 7;\nconsole.log("n", n, { n });`, `n 42 {"n":42}`),
  },
  {
    id: "empty-program",
    title: "an empty program returns with no text",
    run: (context) => shows(context, "", ""),
  },
  {
    id: "thrown-error",
    title: "a thrown error shows its name, its message and the program's own frames",
    async run(context) {
      const outcome = await play(context, `console.log("before");\nfunction f() {\n  throw new TypeError("bad");\n}\nf();`);
      equal(outcome.text, "before\nError: TypeError: bad\n    at program.ts:3\n    at program.ts:5");
      deepEqual(outcome.status === "threw" && outcome.error.frames[0], { file: "program.ts", line: 3 });
    },
  },
  {
    id: "late-error",
    title: "an error that nobody awaits, or that a timer throws, ends the run as thrown",
    async run(context) {
      const rejected = await play(
        context,
        `void Promise.reject(new RangeError("lost"));\nawait new Promise((r) => setTimeout(r, 50));`,
      );
      match(rejected.text, /^Error: RangeError: lost\n/);
      const timed = await play(context, `setTimeout(() => { throw new Error("late"); }, 1);`);
      equal(timed.text, "Error: Error: late\n    at program.ts:1");
    },
  },
  {
    id: "unawaited-work",
    title: "a run lasts until work that is not awaited is done",
    run: (context) =>
      shows(
        context,
        `async function main() { await callTool("lab", "text", {}); await new Promise((r) => setTimeout(r, 5)); console.log("done"); }\nmain();`,
        "done",
      ),
  },
  {
    id: "console-order",
    title: "all console methods write to one output, in order",
    run: (context) =>
      shows(
        context,
        `console.log(1); console.error(2); console.warn("a", "b"); console.info(null); console.debug()`,
        "1\n2\na b\nnull\n",
      ),
  },
  {
    id: "tool-call",
    title: "a wrapper's call gives structured content, or else text",
    async run(context) {
      const outcome = await play(
        context,
        `import { echo } from "./servers/lab/echo.ts";\nconsole.log(await echo({ a: [1, "é"] }), await callTool("lab", "text", {}));`,
      );
      equal(outcome.text, `{"a":[1,"é"]} plain`);
      deepEqual(outcome.activity, { read: [], wrote: [], calls: 2, callWaves: 2, virtualWaitMs: 0 });
    },
  },
  {
    id: "concurrent-calls",
    title: "many calls issued together all answer, and count as one wave",
    async run(context) {
      const outcome = await play(
        context,
        `const all = await Promise.all(Array.from({ length: 300 }, (_, i) => callTool<{ i: number }>("lab", "echo", { i })));\nconsole.log(all.length, all.every((r, i) => r.i === i));`,
      );
      equal(outcome.text, "300 true");
      deepEqual([outcome.activity.calls, outcome.activity.callWaves], [300, 1]);
    },
  },
  {
    id: "tool-error",
    title: "a failed call rejects with a ToolError that the program can catch",
    async run(context) {
      await shows(
        context,
        `try { await callTool("lab", "nope", {}); } catch (e) { console.log((e as Error).name, (e as Error).message, e instanceof Error); }`,
        "ToolError no nope here true",
      );
      const uncaught = await play(context, `\nawait callTool("lab", "nope", {});`);
      equal(uncaught.text, "Error: ToolError: no nope here\n    at program.ts:2");
    },
  },
  {
    id: "bad-arguments",
    title: "arguments that are not a JSON object are a TypeError, and no call is made",
    async run(context) {
      const bridge = labBridge();
      const source = `const loop: Record<string, unknown> = {}; loop.self = loop;
for (const input of [undefined, null, 1, [], loop, { big: 1n }]) {
  try { await callTool("lab", "echo", input as never); console.log("called"); } catch (e) { console.log((e as Error).name); }
}`;
      await shows(context, source, Array(6).fill("TypeError").join("\n"), { bridge });
      deepEqual(bridge.calls, []);
    },
  },
  {
    id: "deep-json",
    title: "JSON too deep to cross is an error in either direction, never a crash",
    async run(context) {
      const source = `let value: object = {}; for (let i = 0; i < 2000; i++) value = { value };
for (const [tool, input] of [["echo", value], ["deep", {}]] as const) {
  try { await callTool("lab", tool, input); console.log("called"); } catch (e) { console.log((e as Error).name); }
}`;
      await shows(context, source, "ToolError\nToolError");
    },
  },
  {
    id: "broken-bridge",
    title: "a bridge that rejects is a failed call",
    run: (context) =>
      shows(
        context,
        `try { await callTool("lab", "echo", {}); } catch (e) { console.log((e as Error).name, (e as Error).message); }`,
        "ToolError gone",
        { bridge: { call: () => Promise.reject(new Error("gone")) } },
      ),
  },
  {
    id: "big-result",
    title: "a result of 10 MB reaches the program",
    run: (context) =>
      shows(
        context,
        `console.log((await callTool<{ text: string }>("lab", "big", { length: 10_000_000 })).text.length);`,
        "10000000",
        {
          memoryBytes: 4 * memoryBytes,
        },
      ),
  },
  {
    id: "big-argument",
    title: "an argument of 10 MB reaches the bridge",
    async run(context) {
      let received = 0;
      const bridge: GuestBridge = {
        async call(_server, _tool, input) {
          received = String(input.text).length;
          return { status: "ok", text: "" };
        },
      };
      await play(context, `await callTool("lab", "x", { text: "y".repeat(10_000_000) });`, {
        bridge,
        memoryBytes: 4 * memoryBytes,
      });
      equal(received, 10_000_000);
    },
  },
  {
    id: "files",
    title: "files persist between the runs of a session, and the host sees them",
    run: (context) =>
      withSession(context, async (session) => {
        await session.writeFile("in/host.txt", new TextEncoder().encode("from host"));
        const first = await runIn(
          session,
          `import { mkdir, readFile, writeFile } from "node:fs/promises";
await mkdir("out/deep", { recursive: true });
await writeFile("out/deep/a.txt", "grüße");
await writeFile("/workspace/lib.ts", "export const two: number = 2;");
console.log(await readFile("in/host.txt", "utf8"));`,
        );
        equal(first.text, "from host");
        deepEqual(first.activity.read, ["in/host.txt"]);
        deepEqual(first.activity.wrote, ["out", "out/deep", "out/deep/a.txt", "lib.ts"]);
        const second = await runIn(
          session,
          `import { readdir, readFile, stat } from "node:fs/promises";
import { two } from "./lib.ts";
console.log(await readFile("out/deep/a.txt", "utf8"), two, await readdir("."), (await stat("out/deep/a.txt")).size);`,
        );
        equal(second.text, `grüße 2 ["in","lib.ts","out","servers"] 7`);
        equal(new TextDecoder().decode(await session.readFile("out/deep/a.txt")), "grüße");
        deepEqual(await session.listFiles(), ["in/host.txt", "lib.ts", "out/deep/a.txt", "servers/lab/echo.ts"]);
        await rejects(session.readFile("nope.txt"), (error) => isBenchError(error, "FILE_NOT_FOUND"));
        await rejects(session.writeFile("../x", new Uint8Array()), (error) => isBenchError(error, "PATH_OUTSIDE_WORKSPACE"));
      }),
  },
  {
    id: "sessions-apart",
    title: "a file or global left in one session is absent in the next",
    async run(context) {
      const leave = `import { writeFile } from "node:fs/promises";\nawait writeFile("left.txt", "x"); Object.assign(globalThis, { left: 1 });`;
      const look = `import { readdir } from "node:fs/promises";\nconsole.log(await readdir("."), "left" in globalThis);`;
      await play(context, leave);
      await shows(context, look, `["servers"] false`);
      if (context.sandbox.persists.globals) return;
      const outcome = await withSession(context, async (session) => {
        await runIn(session, leave);
        return runIn(session, look);
      });
      equal(outcome.text, `["left.txt","servers"] false`);
    },
  },
  {
    id: "read-only-tree",
    title: "nothing below servers/ can be written",
    run: (context) =>
      shows(
        context,
        `import { mkdir, writeFile } from "node:fs/promises";
for (const path of ["servers/x.ts", "/workspace/servers/lab/echo.ts", "./out/../servers/x"]) await writeFile(path, "x").catch((e) => console.log(e.message));
await mkdir("servers/new").catch((e) => console.log(e.message));`,
        [
          "EROFS: read-only file system, open 'servers/x.ts'",
          "EROFS: read-only file system, open '/workspace/servers/lab/echo.ts'",
          "EROFS: read-only file system, open './out/../servers/x'",
          "EROFS: read-only file system, mkdir 'servers/new'",
        ].join("\n"),
      ),
  },
  {
    id: "path-escape",
    title: "the file API does not leave the workspace",
    async run(context) {
      const paths = ["../canary", "/etc/hostname", context.canaryFile, "a/../../x", "/workspace/../canary"];
      const outcome = await play(
        context,
        `import { readFile, writeFile } from "node:fs/promises";
for (const path of ${JSON.stringify(paths)}) {
  await readFile(path, "utf8").then(console.log, (e) => console.log(e.code));
  await writeFile(path, "x").catch((e) => console.log(e.code));
}`,
      );
      equal(
        outcome.text,
        Array(paths.length * 2)
          .fill("EACCES")
          .join("\n"),
      );
    },
  },
  {
    id: "imports",
    title: "programs import node:fs/promises and workspace files only, and the refusal reads the same",
    async run(context) {
      for (const specifier of ["node:fs", "fs", "node:child_process", "./../../x.ts", "https://example.com/x.js"]) {
        const outcome = await play(context, `await import(${JSON.stringify(specifier)});`);
        equal(
          outcome.text,
          `Error: Error: Cannot import '${specifier}': programs import node:fs/promises and files of /workspace only`,
        );
      }
    },
  },
  {
    id: "busy-loop",
    title: "a busy loop is stopped by the host",
    async run(context) {
      const outcome = await exceeds(context, `console.log("start"); for (;;);`, "wallTime", { wallTimeMs: 300 });
      equal(outcome.text, "start");
    },
  },
  {
    id: "uncatchable-deadline",
    title: "a loop that catches everything is stopped by the host",
    run: async (context) =>
      void (await exceeds(context, `for (;;) { try { for (;;); } catch {} finally { continue; } }`, "wallTime", {
        wallTimeMs: 300,
      })),
  },
  {
    id: "microtask-loop",
    title: "an endless chain of promises is stopped by the host",
    run: async (context) =>
      void (await exceeds(
        context,
        `const again = (): Promise<void> => Promise.resolve().then(again);\nawait again();`,
        "wallTime",
        {
          wallTimeMs: 300,
        },
      )),
  },
  {
    id: "async-loop",
    title: "an endless loop of timers, real or virtual, is stopped by the host",
    async run(context) {
      const source = `for (;;) await new Promise((r) => setTimeout(r, 1));`;
      await exceeds(context, source, "wallTime", { wallTimeMs: 300, virtualTime: false });
      await exceeds(context, source, "wallTime", { wallTimeMs: 300, virtualTime: true });
    },
  },
  {
    id: "unanswered-call",
    title: "a tool call that never answers ends with the wall time",
    run: async (context) => void (await exceeds(context, `await callTool("lab", "slow", {});`, "wallTime", { wallTimeMs: 300 })),
  },
  {
    id: "slow-builtin",
    title: "a built-in that computes for ever is stopped by the host",
    run: async (context) =>
      void (await exceeds(
        context,
        `/(a+)+b/.test("a".repeat(60)); [..."x".repeat(60)].join().repeat(2 ** 20).lastIndexOf("q");`,
        "wallTime",
        {
          wallTimeMs: 300,
        },
      )),
  },
  {
    id: "memory-heap",
    title: "a program that fills its memory is stopped, and the host lives",
    run: async (context) =>
      void (await exceeds(
        context,
        `const all: unknown[] = []; for (;;) all.push({ n: all.length, s: [1, 2, 3] });`,
        "memory",
        {},
      )),
  },
  {
    id: "memory-buffers",
    title: "buffers outside the heap count as memory",
    async run(context) {
      const source = `const all: unknown[] = []; for (let i = 0; i < 200; i++) all.push(new Uint8Array(2_000_000).fill(1)); console.log("filled");`;
      await exceeds(context, source, "memory", {});
    },
  },
  {
    id: "output-flood",
    title: "a flood of output is cut with a fixed line, and an endless one is stopped",
    async run(context) {
      const some = await play(context, `for (let i = 0; i < 3000; i++) console.log("é".repeat(5));`);
      equal(some.status, "returned");
      ok(some.text.endsWith(`\n[output cut at ${outputBytes} bytes]`), some.text.slice(-80));
      ok(Buffer.byteLength(some.text) <= outputBytes + 40);
      ok(!some.text.includes("\uFFFD"));
      const endless = await exceeds(context, `for (;;) console.log("x".repeat(1000));`, "output", {});
      ok(Buffer.byteLength(endless.text) <= outputBytes + 40);
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
      match(uncaught.text, /^Error: RangeError: Maximum call stack size exceeded\n {4}at program\.ts:1\n/);
    },
  },
  {
    id: "lone-surrogates",
    title: "lone surrogates become U+FFFD in output, errors and files",
    async run(context) {
      await shows(
        context,
        `import { readFile, writeFile } from "node:fs/promises";\nconsole.log("a\\ud800b"); await writeFile("s", "\\udc00"); console.log(await readFile("s", "utf8"));`,
        "a\uFFFDb\n\uFFFD",
      );
      equal((await play(context, `throw new Error("\\ud800");`)).text, "Error: Error: \uFFFD\n    at program.ts:1");
    },
  },
  {
    id: "calls-after-run",
    title: "calls of a run that has ended reach no bridge and disturb no later run",
    run: (context) =>
      withSession(context, async (session) => {
        const first = labBridge();
        const source = `for (let i = 0; i < 50; i++) void callTool("lab", "echo", { i }).then(() => callTool("lab", "echo", {}));\nthrow new Error("stop");`;
        equal((await runIn(session, source, { bridge: first })).status, "threw");
        const seen = first.calls.length;
        const second = labBridge();
        const outcome = await runIn(session, `console.log(await callTool("lab", "echo", { second: true }));`, { bridge: second });
        equal(outcome.text, `{"second":true}`);
        equal(first.calls.length, seen);
        equal(second.calls.length, 1);
      }),
  },
  {
    id: "abort",
    title: "the caller's signal ends a run, and the session with it",
    async run(context) {
      await withSession(context, async (session) => {
        const stop = new AbortController();
        const bridge: GuestBridge = {
          async call() {
            stop.abort();
            return { status: "ok", text: "" };
          },
        };
        const outcome = await runIn(session, `await callTool("lab", "x", {}); for (;;);`, { bridge, signal: stop.signal });
        equal(outcome.status === "limit-exceeded" && outcome.limit, "aborted");
        await rejects(runIn(session, ""), (error) => isBenchError(error, "SESSION_CLOSED"));
      });
      const outcome = await play(context, `for (;;);`, { signal: AbortSignal.abort() });
      equal(outcome.status === "limit-exceeded" && outcome.limit, "aborted");
    },
  },
  {
    id: "empty-environment",
    title: "nothing of the host's environment or arguments is visible",
    async run(context) {
      // What a plain process shows; a sandbox has no `process` at all. TZ is the backends' own, and the same everywhere.
      const source = `const p = (globalThis as { process?: { env: object; argv: string[] } }).process;
console.log(Object.keys(p?.env ?? {}).filter((name) => name !== "TZ"), new Date(0).getHours());`;
      await shows(context, source, "[] 0");
    },
  },
  {
    id: "guest-globals",
    title: "the guest API is there, and nothing of the host's beside it",
    run: (context) =>
      shows(
        context,
        `const api = ["callTool", "console", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "queueMicrotask", "TextEncoder", "TextDecoder", "URL", "structuredClone"];
const others = ["require", "fetch", "Buffer", "setImmediate", "global", "WebSocket", "Intl", "WebAssembly", "__guestHost", "__guest"];
console.log(api.filter((name) => !(name in globalThis)), others.filter((name) => name in globalThis));`,
        "[] []",
      ),
  },
  {
    id: "virtual-timers",
    title: "virtual timers complete at once, in order, move the clock, and add up exactly",
    async run(context) {
      const source = `const start = Date.now();
const wait = (ms: number) => new Promise((r) => setTimeout(r, ms));
setTimeout(() => console.log("b"), 2_000_000); setTimeout(() => console.log("a"), 1_000_000);
const ticks = setInterval(() => console.log("tick"), 1_500_000);
await wait(3_600_000); clearInterval(ticks);
for (let i = 0; i < 10; i++) await wait(30_000);
const passed = Date.now() - start; console.log(passed >= 3_900_000 && passed < 4_000_000, new Date().getTime() - start >= 3_900_000);`;
      const outcome = await play(context, source, { virtualTime: true });
      equal(outcome.text, "a\ntick\nb\ntick\ntrue true");
      equal(outcome.activity.virtualWaitMs, 3_900_000);
    },
  },
  {
    id: "real-timers",
    title: "real timers wait for real and add nothing to the virtual wait",
    async run(context) {
      const source = `const start = Date.now(); await new Promise((r) => setTimeout(r, 60)); console.log(Date.now() - start >= 55);`;
      const outcome = await play(context, source, { virtualTime: false });
      equal(outcome.text, "true");
      equal(outcome.activity.virtualWaitMs, 0);
    },
  },
  {
    id: "never-settles",
    title: "a program that awaits what can never happen ends, and says so",
    run: async (context) =>
      equal(
        (await play(context, `await new Promise(() => {});`)).text,
        "Error: Error: The program awaits something that can never happen",
      ),
  },
  {
    id: "serial-runs",
    title: "a second run before the first settles is SESSION_BUSY, and harms nothing",
    run: (context) =>
      withSession(context, async (session) => {
        const first = runIn(session, `await new Promise((r) => setTimeout(r, 50)); console.log("first");`);
        await rejects(runIn(session, ""), (error) => isBenchError(error, "SESSION_BUSY"));
        equal((await first).text, "first");
        equal((await runIn(session, `console.log("second")`)).text, "second");
      }),
  },
  {
    id: "closed-session",
    title: "close is idempotent, ends a run, and leaves SESSION_CLOSED",
    async run({ sandbox }) {
      const session = await sandbox.open({ language: "javascript", files, memoryBytes });
      const running = runIn(session, `for (;;);`);
      await Promise.all([session.close(), session.close()]);
      await session.close();
      const outcome = await running;
      equal(outcome.status === "limit-exceeded" && outcome.limit, "aborted");
      await rejects(runIn(session, ""), (error) => isBenchError(error, "SESSION_CLOSED"));
      await rejects(session.readFile("x"), (error) => isBenchError(error, "SESSION_CLOSED"));
      await rejects(session.listFiles(), (error) => isBenchError(error, "SESSION_CLOSED"));
    },
  },
  {
    id: "parallel-sessions",
    title: "sessions run side by side and do not mix",
    async run(context) {
      const outcomes = await Promise.all(
        [1, 2, 3].map((n) => play(context, `console.log((await callTool<{ n: number }>("lab", "echo", { n: ${n} })).n);`)),
      );
      deepEqual(
        outcomes.map((outcome) => outcome.text),
        ["1", "2", "3"],
      );
    },
  },
  {
    id: "hostile-errors",
    title: "thrown values that fight back are shown all the same",
    async run(context) {
      const hostile = [
        [`throw "text"`, "Error: Uncaught: text"],
        [`throw { a: 1 }`, `Error: Uncaught: {"a":1}`],
        [`throw undefined`, "Error: Uncaught: undefined"],
        [`throw { get toString() { throw 1 }, toJSON() { throw 2 } }`, "Error: Uncaught: [unprintable]"],
        [
          `throw Object.defineProperties(new Error("m"), { name: { get() { throw 1 } }, stack: { value: 5 } })`,
          "Error: Error: m",
        ],
        [`throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })`, "Error: Uncaught: [unprintable]"],
      ] as const;
      // Not awaited, so that no module loader looks at the error before the guest runtime does.
      for (const [source, text] of hostile)
        equal((await play(context, `void (async () => { ${source} })();`)).text.split("\n")[0], text);
      const huge = await play(context, `throw new Error("x".repeat(5_000_000));`);
      ok(huge.text.length <= outputBytes + 40 && huge.text.startsWith("Error: Error: xxx"));
      const forged = await play(
        context,
        `const e = new Error("m"); e.stack = "at /etc/passwd:1:1\\n    at (host.ts:3:4)"; throw e;`,
      );
      equal(forged.text, "Error: Error: m");
    },
  },
  {
    id: "nothing-left",
    title: "after close and dispose no file and no process is left",
    async run({ sandbox, tmpDir }) {
      const session = await sandbox.open({ language: "javascript", files, memoryBytes });
      // A backend with real processes starts one that outlives its program; the others have nothing to start.
      await runIn(
        session,
        `const builtin = (globalThis as { process?: { getBuiltinModule(name: string): any } }).process?.getBuiltinModule("node:child_process");
builtin?.spawn("/bin/sleep", ["60"], { stdio: "ignore" }).unref();`,
      );
      await session.close();
      await sandbox.dispose();
      // The kernel takes a moment to drop what was killed.
      for (let tries = 0; tries < 20 && processesBelow(tmpDir).length > 0; tries++) await delay(50);
      deepEqual(processesBelow(tmpDir), []);
      deepEqual(readdirSync(tmpDir), []);
      notEqual((await sandbox.available()).status, undefined);
    },
  },
];

/** Ids of processes whose working folder is below `folder`, also when the folder is gone; empty where there is no /proc. */
function processesBelow(folder: string): string[] {
  try {
    return readdirSync("/proc").filter((id) => /^\d+$/.test(id) && workingFolder(id).startsWith(folder));
  } catch {
    return [];
  }
}

function workingFolder(id: string): string {
  try {
    return readlinkSync(`/proc/${id}/cwd`);
  } catch {
    // Ended meanwhile, or somebody else's.
    return "";
  }
}
