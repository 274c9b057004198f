/** What a Python program's tool calls do, and what may cross the bridge. */
import type { GuestBridge } from "../../../../contract/index.ts";
import { maxInputBytes } from "../../../guest/limits.ts";
import { type ConformanceCheck, labBridge, memoryBytes } from "../context.ts";
import { told, want, wantSame, wantText } from "../wanted.ts";
import { playPython, runPython, withPython } from "./context.ts";

export const pythonTools: readonly ConformanceCheck[] = [
  {
    id: "tool-call",
    title: "a wrapper's call gives structured content, or else text, and imports are no reading",
    async run(context) {
      const source = `from servers.lab.echo import echo\nprint(await echo({"a": [1, "é"]}), await call_tool("lab", "text", {}))`;
      const outcome = await playPython(context, source);
      wantText(outcome, "{'a': [1, 'é']} plain");
      const { filesReportedBy: _, ...activity } = outcome.activity;
      wantSame("activity", activity, { read: [], wrote: [], calls: 2, callWaves: 2, virtualWaitMs: 0 });
    },
  },
  {
    id: "concurrent-calls",
    title: "many calls issued together all answer, and count as one wave",
    async run(context) {
      const source = `import asyncio\nfound = await asyncio.gather(*(call_tool("lab", "echo", {"i": i}) for i in range(300)))\nprint(len(found), all(r["i"] == i for i, r in enumerate(found)))`;
      const outcome = await playPython(context, source);
      wantText(outcome, "300 True");
      wantSame("activity.calls and .callWaves", [outcome.activity.calls, outcome.activity.callWaves], [300, 1]);
    },
  },
  {
    id: "tool-error",
    title: "a failed call raises a ToolError that the program can catch",
    run: (context) =>
      withPython(context, async (session) => {
        const source = `try:\n    await call_tool("lab", "nope", {})\nexcept ToolError as error:\n    print(error, isinstance(error, Exception))`;
        wantText(await runPython(session, source), "no nope here True");
        const uncaught = await runPython(session, `\nawait call_tool("lab", "nope", {})`);
        wantText(uncaught, "Error: ToolError: no nope here\n    at program.py:2");
      }),
  },
  {
    id: "bad-arguments",
    title: "arguments that are not a JSON object are a TypeError, and no call is made",
    async run(context) {
      const bridge = labBridge();
      const source = `loop = {}
loop["self"] = loop
for value in [None, 1, [], {"a": object()}, {"a": float("nan")}, {(1,): 2}, loop]:
    try:
        await call_tool("lab", "echo", value)
        print("called")
    except TypeError as error:
        print(type(error).__name__)`;
      wantText(await playPython(context, source, { bridge }), Array(7).fill("TypeError").join("\n"));
      wantSame("calls that reached the bridge", bridge.calls, []);
    },
  },
  {
    id: "deep-json",
    title: "JSON too deep to cross is a ToolError in either direction, never a crash",
    async run(context) {
      const source = `value = {}
for _ in range(2000):
    value = {"value": value}
for tool, input in [("echo", value), ("deep", {})]:
    try:
        await call_tool("lab", tool, input)
        print("called")
    except ToolError as error:
        print(type(error).__name__)`;
      wantText(await playPython(context, source), "ToolError\nToolError");
    },
  },
  {
    id: "broken-bridge",
    title: "a bridge that rejects is a failed call",
    async run(context) {
      const bridge: GuestBridge = { call: () => Promise.reject(new Error("gone")) };
      const outcome = await playPython(context, `await call_tool("lab", "echo", {})`, { bridge });
      wantText(outcome, "Error: ToolError: The call of lab/echo failed\n    at program.py:1");
    },
  },
  {
    id: "big-result",
    title: "a result of 10 MB reaches the program",
    async run(context) {
      const source = `print(len((await call_tool("lab", "big", {"length": 10_000_000}))["text"]))`;
      wantText(await playPython(context, source, { memoryBytes: 4 * memoryBytes }), "10000000");
    },
  },
  {
    id: "big-argument",
    title: "an input of 1 MiB reaches the bridge, a longer one is refused, and text arrives as it was",
    async run(context) {
      const received: unknown[] = [];
      const bridge: GuestBridge = {
        async call(_server, _tool, input) {
          received.push(String(input.text).length, input.word);
          return { status: "ok", text: "" };
        },
      };
      const source = `for length in (1_000_000, 10_000_000):
    try:
        await call_tool("lab", "x", {"text": "y" * length, "word": "ü🎉\\ud800"})
    except ToolError as error:
        print(error)`;
      const outcome = await playPython(context, source, { bridge, memoryBytes: 4 * memoryBytes });
      wantText(outcome, `The input of lab/x is longer than ${maxInputBytes} bytes`);
      wantSame("characters of the input, and the word in it, that reached the bridge", received, [1_000_000, "ü🎉\ud800"]);
    },
  },
  {
    id: "cancelled-call",
    title: "a call that the program cancels is waited for by nobody",
    async run(context) {
      const source = `import asyncio\ntry:\n    await asyncio.wait_for(call_tool("lab", "slow", {}), 0.01)\nexcept TimeoutError:\n    print("late")\nprint(await call_tool("lab", "text", {}))`;
      const outcome = await playPython(context, source);
      wantText(outcome, "late\nplain");
      // For the host it is still under way when the second one comes.
      wantSame("activity.calls and .callWaves", [outcome.activity.calls, outcome.activity.callWaves], [2, 1]);
    },
  },
  {
    id: "calls-after-run",
    title: "calls of a run that has ended reach no bridge and disturb no later run",
    run: (context) =>
      withPython(context, async (session) => {
        const first = labBridge();
        const source = `import asyncio\nasync def chain(i):\n    await call_tool("lab", "echo", {"i": i})\n    await call_tool("lab", "echo", {})\nkept = [asyncio.create_task(chain(i)) for i in range(50)]\nawait asyncio.sleep(0)\nraise ValueError("stop")`;
        const thrown = await runPython(session, source, { bridge: first });
        want(thrown.status === "threw", `wanted: it threw; ${told(thrown)}`);
        const seen = first.calls.length;
        const second = labBridge();
        wantText(
          await runPython(session, `print(await call_tool("lab", "echo", {"second": True}))`, { bridge: second }),
          "{'second': True}",
        );
        wantSame("calls on the first run's bridge once it has ended", first.calls.length, seen);
        wantSame("calls on the second run's bridge", second.calls.length, 1);
      }),
  },
];
