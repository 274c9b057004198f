import { expect, test } from "vitest";
import {
  BenchError,
  type ModelRequest,
  type ScriptResult,
  type ToolOutcome,
  type ToolUseBlock,
  type Turn,
} from "../../contract/index.ts";
import { scriptedModel } from "./models/scripted.ts";
import { type PlayOptions, play } from "./play.ts";

const use = (id: string, name = "t"): ToolUseBlock => ({ type: "tool_use", id, name, input: { id } });
const say = (text: string) => ({ type: "text" as const, text });

function outcomeOf(block: ToolUseBlock, rest: Partial<ToolOutcome> = {}): ToolOutcome {
  return {
    text: `result ${block.id}`,
    isError: false,
    kind: "call",
    definitionsFetched: 1,
    callsFromPrograms: 3,
    causes: { use: "toolCalls", result: "toolResults" },
    sandboxRunMs: 1,
    modelled: { callWaves: 1, waitSeconds: 2 },
    ...rest,
  };
}

function options(agent: Generator<Turn, void, readonly ScriptResult[]>, rest: Partial<PlayOptions> = {}): PlayOptions {
  return {
    mode: {
      show: () => ({ system: [{ cause: "system", text: "sys" }], tools: [] }),
      execute: async (uses) => uses.map((block) => outcomeOf(block)),
    },
    model: scriptedModel(agent),
    prompt: "go",
    maxTurns: 10,
    gapSeconds: (_content, toolWaits, waitSeconds) => toolWaits * 100 + waitSeconds,
    signal: new AbortController().signal,
    ...rest,
  };
}

test("every block has a cause, and results stand in tool-use order", async () => {
  let seen: readonly ScriptResult[] = [];
  function* agent(): Generator<Turn, void, readonly ScriptResult[]> {
    seen = yield { content: [say("now"), use("1"), use("2")] };
    yield { content: [say("done")] };
  }
  const played = await play(options(agent()));
  expect(seen.map((result) => result.text)).toEqual(["result 1", "result 2"]);
  expect(played.answer).toBe("done");
  expect(played.transcript.causes).toEqual([
    ["prompt"],
    ["narration", "toolCalls", "toolCalls"],
    ["toolResults", "toolResults"],
    ["answer"],
  ]);
  expect(played.transcript.turns).toEqual([
    { messagesSeen: 1, gapSeconds: 204 },
    { messagesSeen: 3, gapSeconds: 0 },
  ]);
  expect(played).toMatchObject({ sandboxRunMs: 2, callWaves: 2, waitSeconds: 4 });
  expect(played.treatment).toEqual({ uses: { call: 2 }, callsFromPrograms: 6, definitionsFetched: 2 });
});

test("what a mode shows may change from turn to turn: a turn that is shown others says so", async () => {
  const tool = (name: string) => ({ name, description: "", input_schema: {} });
  const system = [{ cause: "system" as const, text: "sys" }];
  const lists = [["a"], ["a"], ["a", "b"], ["a", "b"], ["a"]];
  const seen: string[][] = [];
  let asked = 0;
  const mode = {
    show: () => ({ system, tools: (lists[asked++] ?? []).map(tool) }),
    execute: async (uses: readonly ToolUseBlock[]) => uses.map((block) => outcomeOf(block)),
  };
  function* agent(): Generator<Turn, void, readonly ScriptResult[]> {
    for (let id = 1; id <= 4; id++) yield { content: [use(String(id))] };
    yield { content: [say("done")] };
  }
  const beforeTurn = ({ tools }: ModelRequest) => void seen.push(tools.map(({ name }) => name));
  const { transcript } = await play(options(agent(), { mode, beforeTurn }));
  expect(seen).toEqual(lists);
  expect(transcript.tools).toEqual([tool("a")]);
  expect(transcript.turns.map(({ shown }) => shown)).toEqual([
    ...[undefined, undefined, { system, tools: [tool("a"), tool("b")] }],
    ...[undefined, { system, tools: [tool("a")] }],
  ]);
});

test("a script that stops without an answer is an error", async () => {
  function* agent(): Generator<Turn, void, readonly ScriptResult[]> {
    yield { content: [use("1")] };
  }
  await expect(play(options(agent()))).rejects.toMatchObject({ code: "MODEL_SCRIPT" });
});

test("a script with turns left after its answer is an error", async () => {
  function* agent(): Generator<Turn, void, readonly ScriptResult[]> {
    yield { content: [say("answer")] };
    yield { content: [say("more")] };
  }
  await expect(play(options(agent()))).rejects.toMatchObject({ code: "MODEL_SCRIPT" });
});

test("a script that throws is an error of the script", async () => {
  // biome-ignore lint/correctness/useYield: it fails before it yields
  function* agent(): Generator<Turn, void, readonly ScriptResult[]> {
    throw new Error("no such row");
  }
  await expect(play(options(agent()))).rejects.toThrow("no such row");
});

test("what closed the sandbox session ends a script's cell", async () => {
  function* agent(): Generator<Turn, void, readonly ScriptResult[]> {
    yield { content: [use("1")] };
  }
  const fault = new BenchError("LIMIT", { limit: "memory", problem: "too much", fix: "Use less." });
  const execute = async (uses: readonly ToolUseBlock[]) => uses.map((block) => outcomeOf(block, { fault }));
  const playing = play(options(agent(), { mode: { show: () => ({ system: [], tools: [] }), execute } }));
  await expect(playing).rejects.toBe(fault);
});

test("a conversation without an end is stopped", async () => {
  function* agent(): Generator<Turn, void, readonly ScriptResult[]> {
    for (let id = 0; ; id++) yield { content: [use(String(id))] };
  }
  await expect(play(options(agent(), { maxTurns: 1_000 }))).rejects.toMatchObject({
    ...{ code: "LIMIT", details: { limit: "turns" } },
    message: expect.stringContaining(
      "no answer after 1,000 turns. Mend the scenario's script, or ask for less work with --param.",
    ),
  });
});

test("an aborted signal ends it before the next turn", async () => {
  const stop = new AbortController();
  function* agent(): Generator<Turn, void, readonly ScriptResult[]> {
    yield { content: [use("1")] };
    yield { content: [say("answer")] };
  }
  const execute = async (uses: readonly ToolUseBlock[]) => {
    stop.abort();
    return uses.map((block) => outcomeOf(block));
  };
  const playing = play(options(agent(), { mode: { show: () => ({ system: [], tools: [] }), execute }, signal: stop.signal }));
  await expect(playing).rejects.toMatchObject({ code: "ABORTED" });
});
