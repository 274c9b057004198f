/** Programs that attack the host through their own API: what it would decode, keep or count for them is more than it may. */
import { declares } from "../../needs.ts";
import {
  type ConformanceCheck,
  type ConformanceContext,
  exceeds,
  memoryBytes,
  play,
  runIn,
  shows,
  withSession,
} from "../context.ts";
import {
  countingBridge,
  deepBridge,
  deepResults,
  inputCaps,
  nameLength,
  refusals,
  roomBytes,
  scaled,
  wantFewFiles,
  wantFilled,
  wantKept,
  wantRefused,
  wantWhole,
} from "../hostile.ts";
import { wantReturn, wantSame, wantText } from "../wanted.ts";

/** Every call at once; shown are how many there were, and what became of them, each text once. */
const issued = (calls: number, call: string) =>
  `const ended = await Promise.allSettled(Array.from({ length: ${calls} }, (_, n) => ${call}));
console.log(ended.length, [...new Set(ended.map((end) => end.status === "fulfilled" ? "answered" : String(end.reason)))].join("; "));`;

/** The attack is refused, and the backend goes on. */
async function refused(context: ConformanceContext, calls: number, call: string, text: string) {
  const bridge = countingBridge({ answers: true });
  const outcome = await play(context, issued(calls, call), { bridge, memoryBytes: roomBytes });
  wantRefused(outcome, `${calls} ${text}`, bridge);
  await shows(context, `console.log("next")`, "next");
}

/** The calls reach the bridge. */
async function answered(context: ConformanceContext, call: string, values: number) {
  const bridge = countingBridge({ answers: true });
  wantText(await play(context, issued(1, call), { bridge, memoryBytes: roomBytes }), "1 answered");
  wantSame("calls that reached the bridge, and values in them", bridge.seen, { calls: 1, values });
}

const nested = (levels: number) => `let value: object = {}; for (let level = 1; level < ${levels}; level++) value = { value };\n`;

export const hostileChecks: readonly ConformanceCheck[] = [
  {
    id: "huge-inputs",
    title: "inputs of millions of objects, issued together, are refused before anything is decoded",
    hostile: true,
    run: (context) =>
      refused(
        context,
        4,
        `callTool("lab", "echo", { all: new Array(${scaled(context, 2_000_000)}).fill({}) })`,
        `ToolError: ${refusals.bytes("lab/echo")}`,
      ),
  },
  {
    id: "many-values",
    title: "an input may hold so many values, however short they are",
    hostile: true,
    async run(context) {
      const call = (value: string, count: number) => `callTool("lab", "echo", { all: new Array(${count}).fill(${value}) })`;
      // The input itself and its array are values too.
      await answered(context, call("0", inputCaps.values - 2), inputCaps.values);
      const text = `ToolError: ${refusals.values("lab/echo")}`;
      await refused(context, 16, call("0", inputCaps.values - 1), text);
      await refused(context, 4, call("{}", 300_000), text);
    },
  },
  {
    id: "long-inputs",
    title: "an input may have so many bytes of UTF-8",
    hostile: true,
    async run(context) {
      await answered(context, `callTool("lab", "echo", { text: "y".repeat(1_000_000) })`, 2);
      const text = `ToolError: ${refusals.bytes("lab/echo")}`;
      await refused(context, 1, `callTool("lab", "echo", { text: "é".repeat(${inputCaps.bytes / 2}) })`, text);
      for (const megabytes of [6, 63]) {
        await refused(context, 1, `callTool("lab", "echo", { text: "y".repeat(${megabytes}e6) })`, text);
      }
    },
  },
  {
    id: "deep-inputs",
    title: "an input nested 400 levels deep arrives; one of 501 or 100,000 is an error, and no call",
    hostile: true,
    async run(context) {
      const call = `callTool("lab", "echo", value as Record<string, unknown>)`;
      const bridge = countingBridge({ answers: true });
      const source = (levels: number) => nested(levels) + issued(1, call);
      wantText(await play(context, source(400), { bridge }), "1 answered");
      wantSame("calls that reached the bridge, and values in them", bridge.seen, { calls: 1, values: 400 });
      const none = countingBridge({ answers: true });
      wantRefused(await play(context, source(501), { bridge: none }), `1 ToolError: ${refusals.levels("lab/echo")}`, none);
      // Most engines cannot write so deep a value as JSON; the others are refused it.
      const deepest = `${nested(100_000)}try { await ${call}; console.log("answered"); } catch { console.log("refused"); }`;
      wantRefused(await play(context, deepest, { bridge: none, memoryBytes: roomBytes }), "refused", none);
      await shows(context, `console.log("next")`, "next");
    },
  },
  {
    id: "deep-results",
    title: "a result nested 501 or 100,000 levels deep is an error of its call",
    hostile: true,
    async run(context) {
      const outcome = await play(
        context,
        `for (const levels of [400, 501, 100_000]) {
  await callTool("lab", "deep", { levels }).then(() => console.log("answered"), (e) => console.log(levels < 1_000 ? String(e) : e.name));
}`,
        { bridge: deepBridge },
      );
      wantReturn(outcome, deepResults("ToolError: "));
    },
  },
  {
    id: "long-names",
    title: "names of servers and tools have so many characters at most, and longer ones are a TypeError",
    hostile: true,
    async run(context) {
      const text = `TypeError: ${refusals.name}`;
      for (const [server, tool] of [
        [`"lab"`, "name"],
        ["name", `"echo"`],
      ] as const) {
        const call = (name: string) => `((name: string) => callTool(${server}, ${tool}, {}))(${name})`;
        await answered(context, call(`"n".repeat(${nameLength})`), 1);
        await refused(context, 1, call(`"n".repeat(${nameLength + 1})`), text);
        await refused(context, 40, call(`String(n).padEnd(15e6, "n")`), text);
      }
    },
  },
  {
    id: "many-calls",
    title: "200,000 calls in flight count as the session's memory, which ends the run",
    hostile: true,
    async run(context) {
      const bridge = countingBridge({ answers: false });
      const source = `await Promise.all(Array.from({ length: 200_000 }, () => callTool("lab", "slow", {})));`;
      wantFilled(await play(context, source, { bridge }), bridge);
      await shows(context, `console.log("next")`, "next");
    },
  },
  {
    id: "untaken-results",
    title: "results that a program asked for and does not take count as the session's memory",
    hostile: true,
    // Elsewhere nobody could end the program that does not take them.
    needs: [declares("wallTime")],
    run: async (context) =>
      void (await exceeds(
        context,
        `const first = callTool("lab", "text", {});
for (let i = 0; i < 200; i++) void callTool("lab", "big", { length: 1_000_000 });
await first;
for (;;);`,
        "memory",
      )),
  },
  {
    id: "many-files",
    title: "of 60,000 files with long names the host lists so many at most, or none, and is told of them in so many bytes",
    hostile: true,
    run: (context) =>
      withSession(
        context,
        async (session) => {
          const source = `import { stat, writeFile } from "node:fs/promises";
for (let n = 0; n < ${scaled(context, 60_000)}; n++) { const path = String(n).padStart(100, "f"); await writeFile(path, ""); await stat(path); }`;
          wantKept(await runIn(session, source), [], ["returned", "threw"]);
          await wantFewFiles(session);
        },
        roomBytes,
      ),
  },
  {
    id: "big-file",
    title: "a file of 60 MB reaches the host whole, or not at all",
    hostile: true,
    run: (context) =>
      withSession(
        context,
        async (session) => {
          const source = `import { writeFile } from "node:fs/promises";
await writeFile("big", new Uint8Array(60e6)).then(() => console.log("written"), (e) => console.log(e.code));`;
          const outcome = await runIn(session, source);
          wantKept(outcome, [], ["returned"]);
          if (outcome.text === "written") await wantWhole(session, "big", 60e6);
          else wantText(outcome, "ENOSPC");
        },
        roomBytes,
      ),
  },
  {
    id: "output-in-one-piece",
    title: "100 MB written at once, without a line, is the limit of output",
    limit: "output",
    hostile: true,
    async run(context) {
      wantKept(await play(context, `console.log("x".repeat(100e6));`, { memoryBytes: roomBytes }), ["output", "memory"], []);
      await shows(context, `console.log("next")`, "next");
    },
  },
  {
    id: "huge-errors",
    title: "an error whose name, message or stack has 50 MB is kept as far as it may be",
    hostile: true,
    async run(context) {
      for (const field of ["name", "message", "stack"]) {
        const source = `const error = new Error("x");
Object.defineProperty(error, "${field}", { value: "    at f (workspace:/program.ts:1:1)\\n".repeat(1.4e6) });
throw error;`;
        wantKept(await play(context, source, { memoryBytes: roomBytes }), ["memory"], ["threw"]);
      }
      await shows(context, `console.log("next")`, "next");
    },
  },
  {
    id: "big-program",
    title: "a program of several MB plays",
    hostile: true,
    run: (context) =>
      shows(context, `// ${"x".repeat(4e6)}\nlet n = 0;\n${"n += 1;\n".repeat(50_000)}console.log(n);`, "50000", {
        memoryBytes: 4 * memoryBytes,
      }),
  },
];
