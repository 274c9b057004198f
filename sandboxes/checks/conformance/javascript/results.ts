/** What a program's result is: output, errors, the guest API and its clock. */
import { fileURLToPath } from "node:url";
import { type ConformanceCheck, outputBytes, play, runIn, shows, withSession } from "../context.ts";
import { told, want, wantBounded, wantMatch, wantReturn, wantSame, wantText } from "../wanted.ts";

/** Of this project, wherever it is installed. */
const sourcesFolder = fileURLToPath(new URL("../../../../", import.meta.url));

export const resultsChecks: readonly ConformanceCheck[] = [
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
      wantText(outcome, "before\nError: TypeError: bad\n    at program.ts:3\n    at program.ts:5");
      wantSame("error.frames[0] of a run that threw", outcome.status === "threw" && outcome.error.frames[0], {
        file: "program.ts",
        line: 3,
      });
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
      wantMatch(rejected, /^Error: RangeError: lost\n/);
      const timed = await play(context, `setTimeout(() => { throw new Error("late"); }, 1);`);
      wantText(timed, "Error: Error: late\n    at program.ts:1");
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
    id: "never-settles",
    title: "a program that awaits what can never happen ends, and says so",
    run: async (context) =>
      wantText(
        await play(context, `await new Promise(() => {});`),
        "Error: Error: The program awaits something that can never happen",
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
    id: "lone-surrogates",
    title: "lone surrogates become U+FFFD in output, errors and files",
    async run(context) {
      await shows(
        context,
        `import { readFile, writeFile } from "node:fs/promises";\nconsole.log("a\\ud800b"); await writeFile("s", "\\udc00"); console.log(await readFile("s", "utf8"));`,
        "a\uFFFDb\n\uFFFD",
      );
      wantText(await play(context, `throw new Error("\\ud800");`), "Error: Error: \uFFFD\n    at program.ts:1");
    },
  },
  {
    id: "hostile-errors",
    title: "thrown values that fight back are shown all the same",
    run: (context) =>
      withSession(context, async (session) => {
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
          wantSame(
            `the first line of ${source}`,
            (await runIn(session, `void (async () => { ${source} })();`)).text.split("\n")[0],
            text,
          );
        const huge = await runIn(session, `throw new Error("x".repeat(5_000_000));`);
        wantBounded(huge, outputBytes);
        wantMatch(huge, /^Error: Error: xxx/);
        const forged = await runIn(
          session,
          `const e = new Error("m"); e.stack = "at /etc/passwd:1:1\\n    at (host.ts:3:4)"; throw e;`,
        );
        wantText(forged, "Error: Error: m");
      }),
  },
  {
    id: "imports",
    title: "programs import node:fs/promises and workspace files only, and the refusal reads the same",
    run: (context) =>
      withSession(context, async (session) => {
        for (const specifier of ["node:fs", "fs", "node:child_process", "./../../x.ts", "https://example.com/x.js"]) {
          const outcome = await runIn(session, `await import(${JSON.stringify(specifier)});`);
          wantText(
            outcome,
            `Error: Error: Cannot import '${specifier}': programs import node:fs/promises and files of /workspace only`,
          );
        }
      }),
  },
  {
    id: "module-scope",
    title: "import.meta has the module's URL alone, and a module's scope holds what the program put there",
    run: (context) =>
      withSession(context, async (session) => {
        await session.writeFile("lib/a b.ts", new TextEncoder().encode("export const own = import.meta;"));
        const source = `import { own } from "./lib/a b.ts";
const keys = (meta: object) => [...Reflect.ownKeys(meta), Object.getPrototypeOf(meta)];
console.log(import.meta.url, keys(import.meta), (own as ImportMeta).url, keys(own), import.meta === import.meta, import.meta === own);
const $$import = 1, $$export = 2, $$default = 3, $$meta = 4;
console.log($$import, $$export, $$default, $$meta, Object.keys(await import("./lib/a b.ts")));
export default "$$$$$$$";`;
        wantReturn(
          await runIn(session, source),
          `workspace:/program.ts ["url",null] workspace:/lib/a%20b.ts ["url",null] true false\n1 2 3 4 ["own"]`,
        );
        const names = `console.log([typeof $$import, typeof $$export, typeof \\u0024$default, typeof $\\u{24}meta]);\nimport.meta;\nexport default 1;`;
        wantReturn(await runIn(session, names), `["undefined","undefined","undefined","undefined"]`);
      }),
  },
  {
    id: "guest-globals",
    title: "the guest API is there, and nothing of the host's beside it",
    run: (context) =>
      shows(
        context,
        `const api = ["callTool", "console", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "queueMicrotask", "TextEncoder", "TextDecoder", "URL", "structuredClone"];
const others = ["require", "fetch", "Buffer", "setImmediate", "global", "WebSocket", "Intl", "WebAssembly", "__guestHost", "__guest"];
console.log("missing:", api.filter((name) => !(name in globalThis)), "too many:", others.filter((name) => name in globalThis));`,
        "missing: [] too many: []",
      ),
  },
  {
    id: "empty-environment",
    title: "nothing of the host's environment or arguments is visible",
    async run(context) {
      // What a plain process shows; a sandbox has no `process` at all. TZ is the backends' own, and the same everywhere.
      const source = `const p = (globalThis as { process?: { env: object; argv: string[] } }).process;
console.log("environment:", Object.keys(p?.env ?? {}).filter((name) => name !== "TZ"), "hour at the epoch:", new Date(0).getHours());`;
      await shows(context, source, "environment: [] hour at the epoch: 0");
    },
  },
  {
    id: "host-paths",
    title: "no stack, and nothing that a process says of itself, has a path of the host's",
    async run(context) {
      const source = `import { readFile } from "node:fs/promises";
const { process: p, Deno: d } = globalThis as any;
const keep = (error: any) => console.log(error.stack);
keep(new Error("here"));
await callTool("lab", "nope", {}).catch(keep);
await readFile("none").catch(keep);
await import("./none.ts").catch(keep);
await new Promise<void>((done) => setTimeout(() => { keep(new Error("in a timer")); done(); }, 1));
console.log(p?.cwd(), p?.argv, p?.execPath, p?.execArgv, p?.title, p?.env, d?.cwd(), d?.execPath(), d?.mainModule);`;
      const outcome = await play(context, source);
      want(outcome.status === "returned", `wanted: it returns; ${told(outcome)}`);
      const found = outcome.text.split("\n").find((line) => line.includes(context.tmpDir) || line.includes(sourcesFolder));
      want(found === undefined, `wanted: no path of the host's; it showed: ${found}`);
    },
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
const passed = Date.now() - start; console.log(passed >= 3_900_000 && passed < 7_800_000, new Date().getTime() - start >= 3_900_000);`;
      const outcome = await play(context, source, { virtualTime: true });
      wantText(outcome, "a\ntick\nb\ntick\ntrue true");
      wantSame("activity.virtualWaitMs", outcome.activity.virtualWaitMs, 3_900_000);
    },
  },
  {
    id: "real-timers",
    title: "real timers wait for real and add nothing to the virtual wait",
    async run(context) {
      const source = `const start = Date.now(); await new Promise((r) => setTimeout(r, 60)); console.log(Date.now() - start >= 55);`;
      const outcome = await play(context, source, { virtualTime: false });
      wantText(outcome, "true");
      wantSame("activity.virtualWaitMs", outcome.activity.virtualWaitMs, 0);
    },
  },
];
