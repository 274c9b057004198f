/** The attacks of `javascript/hostile.ts` on the host, as Python programs. */
import { type ConformanceCheck, type ConformanceContext, memoryBytes } from "../context.ts";
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
import { playPython, runPython, showAll, withPython } from "./context.ts";

/** Every call at once; shown are how many there were, and what became of them, each text once. `n` counts them. */
const issued = (calls: number, call: string) =>
  `import asyncio
ended = await asyncio.gather(*(${call} for n in range(${calls})), return_exceptions=True)
print(len(ended), "; ".join(dict.fromkeys(f"{type(end).__name__}: {end}" if isinstance(end, BaseException) else "answered" for end in ended)))`;

const goesOn = (context: ConformanceContext) => showAll(context, [[`print("next")`, "next"]]);

/** The attack is refused, and the backend goes on. */
async function refused(context: ConformanceContext, calls: number, call: string, text: string, before = "") {
  const bridge = countingBridge({ answers: true });
  const outcome = await playPython(context, before + issued(calls, call), { bridge, memoryBytes: roomBytes });
  wantRefused(outcome, `${calls} ${text}`, bridge);
  await goesOn(context);
}

/** The call reaches the bridge. */
async function answered(context: ConformanceContext, call: string, values: number) {
  const bridge = countingBridge({ answers: true });
  wantText(await playPython(context, issued(1, call), { bridge, memoryBytes: roomBytes }), "1 answered");
  wantSame("calls that reached the bridge, and values in them", bridge.seen, { calls: 1, values });
}

const nested = (levels: number) => `value = {}\nfor _ in range(${levels - 1}):\n    value = {"value": value}\n`;

export const pythonHostile: readonly ConformanceCheck[] = [
  {
    id: "huge-inputs",
    title: "inputs of millions of objects, issued together, are refused before anything is decoded",
    hostile: true,
    run: (context) =>
      refused(
        context,
        4,
        `call_tool("lab", "echo", all)`,
        `ToolError: ${refusals.bytes("lab/echo")}`,
        `all = {"all": [{}] * ${scaled(context, 2_000_000)}}\n`,
      ),
  },
  {
    id: "many-values",
    title: "an input may hold so many values, however short they are",
    hostile: true,
    async run(context) {
      const call = (value: string, count: number) => `call_tool("lab", "echo", {"all": [${value}] * ${count}})`;
      // The input itself and its list are values too.
      await answered(context, call("0", inputCaps.values - 2), inputCaps.values);
      await refused(context, 16, call("0", inputCaps.values - 1), `ToolError: ${refusals.values("lab/echo")}`);
    },
  },
  {
    id: "long-inputs",
    title: "an input may have so many bytes of UTF-8",
    hostile: true,
    async run(context) {
      await answered(context, `call_tool("lab", "echo", {"text": "y" * 1_000_000})`, 2);
      const text = `ToolError: ${refusals.bytes("lab/echo")}`;
      await refused(context, 1, `call_tool("lab", "echo", {"text": "é" * ${inputCaps.bytes / 2}})`, text);
      await refused(context, 1, `call_tool("lab", "echo", {"text": "y" * 63_000_000})`, text);
    },
  },
  {
    id: "deep-inputs",
    title: "an input nested 400 levels deep arrives; one of 501 or 100,000 is an error, and no call",
    hostile: true,
    async run(context) {
      const call = `call_tool("lab", "echo", value)`;
      const bridge = countingBridge({ answers: true });
      wantText(await playPython(context, nested(400) + issued(1, call), { bridge }), "1 answered");
      wantSame("calls that reached the bridge, and values in them", bridge.seen, { calls: 1, values: 400 });
      const none = countingBridge({ answers: true });
      const outcome = await playPython(context, nested(501) + issued(1, call), { bridge: none });
      wantRefused(outcome, `1 ToolError: ${refusals.levels("lab/echo")}`, none);
      // Python cannot write so deep a value as JSON, and where its stack is short it ends at the attempt.
      const deepest = `${nested(100_000)}try:\n    await ${call}\n    print("answered")\nexcept Exception:\n    print("refused")`;
      const ended = await playPython(context, deepest, { bridge: none, memoryBytes: roomBytes });
      wantKept(ended, ["memory"], ["returned", "threw"]);
      if (ended.status !== "threw") wantRefused(ended, "refused", none);
      wantSame("calls that reached the bridge", none.seen.calls, 0);
      await goesOn(context);
    },
  },
  {
    id: "deep-results",
    title: "a result nested 501 or 100,000 levels deep is an error of its call",
    hostile: true,
    async run(context) {
      const source = `for levels in (400, 501, 100_000):
    try:
        await call_tool("lab", "deep", {"levels": levels})
        print("answered")
    except ToolError as error:
        print(error if levels < 1_000 else "ToolError")`;
      wantReturn(await playPython(context, source, { bridge: deepBridge }), deepResults(""));
    },
  },
  {
    id: "long-names",
    title: "names of servers and tools have so many characters at most, and longer ones are a TypeError",
    hostile: true,
    async run(context) {
      const text = `TypeError: ${refusals.name}`;
      for (const call of [
        (name: string) => `call_tool("lab", ${name}, {})`,
        (name: string) => `call_tool(${name}, "echo", {})`,
      ]) {
        await answered(context, call(`"n" * ${nameLength}`), 1);
        await refused(context, 1, call(`"n" * ${nameLength + 1}`), text);
        await refused(context, 20, call(`str(n).ljust(15_000_000, "n")`), text);
      }
    },
  },
  {
    id: "many-calls",
    title: "200,000 calls in flight count as the session's memory, which ends the run",
    hostile: true,
    async run(context) {
      const bridge = countingBridge({ answers: false });
      wantFilled(await playPython(context, issued(200_000, `call_tool("lab", "slow", {})`), { bridge }), bridge);
      await goesOn(context);
    },
  },
  {
    id: "many-files",
    title: "of 60,000 files with long names the host lists so many at most, or none, and is told of them in so many bytes",
    hostile: true,
    run: (context) =>
      withPython(
        context,
        async (session) => {
          const source = `for n in range(${scaled(context, 60_000)}):
    path = str(n).rjust(100, "f")
    open(path, "w").close()
    open(path).close()`;
          wantKept(await runPython(session, source), [], ["returned", "threw"]);
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
      withPython(
        context,
        async (session) => {
          const source = `import errno
try:
    with open("big", "wb") as file:
        file.write(bytes(60_000_000))
    print("written")
except OSError as error:
    print(errno.errorcode[error.errno])`;
          const outcome = await runPython(session, source);
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
      wantKept(await playPython(context, `print("x" * 100_000_000)`, { memoryBytes: roomBytes }), ["output", "memory"], []);
      await goesOn(context);
    },
  },
  {
    id: "huge-errors",
    title: "an error whose name or message has 50 MB is kept as far as it may be",
    hostile: true,
    async run(context) {
      for (const source of [`raise type("E" * 50_000_000, (Exception,), {})("x")`, `raise ValueError("y" * 50_000_000)`]) {
        wantKept(await playPython(context, source, { memoryBytes: roomBytes }), ["memory"], ["threw"]);
      }
      await goesOn(context);
    },
  },
  {
    id: "big-program",
    title: "a program of several MB plays",
    hostile: true,
    async run(context) {
      const source = `# ${"x".repeat(4e6)}\nn = 0\n${"n += 1\n".repeat(20_000)}print(n)`;
      wantText(await playPython(context, source, { memoryBytes: 4 * memoryBytes }), "20000");
    },
  },
];
