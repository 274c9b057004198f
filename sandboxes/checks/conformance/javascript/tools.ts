/** What a program's tool calls do, and what may cross the bridge. */
import type { GuestBridge } from "../../../../contract/index.ts";
import { maxInputBytes } from "../../../guest/limits.ts";
import { type ConformanceCheck, labBridge, memoryBytes, play, runIn, shows, withSession } from "../context.ts";
import { told, want, wantSame, wantText } from "../wanted.ts";

/** Bytes of `{"text":""}`. */
const overhead = 11;

export const toolsChecks: readonly ConformanceCheck[] = [
  {
    id: "tool-call",
    title: "a wrapper's call gives structured content, or else text",
    async run(context) {
      const outcome = await play(
        context,
        `import { echo } from "./servers/lab/echo.ts";\nconsole.log(await echo({ a: [1, "é"] }), await callTool("lab", "text", {}));`,
      );
      wantText(outcome, `{"a":[1,"é"]} plain`);
      const { filesReportedBy: _, ...activity } = outcome.activity;
      wantSame("activity", activity, { read: [], wrote: [], calls: 2, callWaves: 2, virtualWaitMs: 0 });
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
      wantText(outcome, "300 true");
      wantSame("activity.calls and .callWaves", [outcome.activity.calls, outcome.activity.callWaves], [300, 1]);
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
      wantText(uncaught, "Error: ToolError: no nope here\n    at program.ts:2");
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
      wantSame("calls that reached the bridge", bridge.calls, []);
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
    title: "a bridge that rejects is a failed call, and its own words stay on the host",
    run: (context) =>
      shows(
        context,
        `try { await callTool("lab", "echo", {}); } catch (e) { console.log((e as Error).name, (e as Error).message); }`,
        "ToolError The call of lab/echo failed",
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
    title: "an input of 1 MiB reaches the bridge, and a longer one is refused",
    async run(context) {
      const received: number[] = [];
      const bridge: GuestBridge = {
        async call(_server, _tool, input) {
          received.push(String(input.text).length);
          return { status: "ok", text: "" };
        },
      };
      const source = `for (const length of [${maxInputBytes - overhead}, ${maxInputBytes - overhead + 1}, 10_000_000])
  await callTool("lab", "x", { text: "y".repeat(length) }).catch((e: Error) => console.log(e.name, e.message));
await callTool("lab", "x", { text: "é".repeat(${maxInputBytes / 2}) }).catch((e: Error) => console.log(e.name, e.message));`;
      const refused = `ToolError The input of lab/x is longer than ${maxInputBytes} bytes`;
      await shows(context, source, [refused, refused, refused].join("\n"), { bridge, memoryBytes: 4 * memoryBytes });
      wantSame("characters of the inputs that reached the bridge", received, [maxInputBytes - overhead]);
    },
  },
  {
    id: "calls-after-run",
    title: "calls of a run that has ended reach no bridge and disturb no later run",
    run: (context) =>
      withSession(context, async (session) => {
        const first = labBridge();
        const source = `for (let i = 0; i < 50; i++) void callTool("lab", "echo", { i }).then(() => callTool("lab", "echo", {}));\nthrow new Error("stop");`;
        const thrown = await runIn(session, source, { bridge: first });
        want(thrown.status === "threw", `wanted: it threw; ${told(thrown)}`);
        const seen = first.calls.length;
        const second = labBridge();
        const outcome = await runIn(session, `console.log(await callTool("lab", "echo", { second: true }));`, { bridge: second });
        wantText(outcome, `{"second":true}`);
        wantSame("calls on the first run's bridge once it has ended", first.calls.length, seen);
        wantSame("calls on the second run's bridge", second.calls.length, 1);
      }),
  },
];
