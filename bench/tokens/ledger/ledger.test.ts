import { describe, expect, it } from "vitest";
import {
  type Block,
  type Cause,
  type Counter,
  type ModelProfile,
  type Serialisation,
  serialisations,
  type Transcript,
} from "../../../contract/index.ts";
import { profile } from "../../../testing/profile.ts";
import { blockTokens, fixedTokens, LEDGER_VERSION, ledger } from "./ledger.ts";

/** A token for each word: figures can be worked out by hand. */
const wordCounter: Counter = {
  id: "words",
  title: "Words",
  version: "1",
  estimate: true,
  count: (text) => text.split(/\s+/u).filter((word) => word !== "").length,
};

const letterCounter: Counter = { ...wordCounter, id: "letters", count: (text) => text.length };

const withCache = (cache: Partial<ModelProfile["cache"]>): ModelProfile => ({
  ...profile,
  cache: { ...profile.cache, ...cache },
});

const words = (count: number): string => Array.from({ length: count }, () => "w").join(" ");
const say = (tokens: number): Block => ({ type: "text", text: words(tokens) });
/** `{"name":"t","input":{"x":"w w ..."}}` has as many words as its value. */
const use = (tokens: number, id = "1"): Block => ({ type: "tool_use", id, name: "t", input: { x: words(tokens) } });
const result = (tokens: number, id = "1"): Block => ({ type: "tool_result", tool_use_id: id, content: words(tokens) });

/** Turns from their own blocks and the results they got; the last has none. */
function conversation(
  fixed: { readonly system: number; readonly tools: number; readonly prompt: number },
  turns: readonly { readonly says: readonly Block[]; readonly gets?: readonly Block[]; readonly gapSeconds?: number }[],
): Transcript {
  const messages: Transcript["messages"][number][] = [{ role: "user", content: [say(fixed.prompt)] }];
  const causes: Cause[][] = [["prompt"]];
  const made: Transcript["turns"][number][] = [];
  for (const { says, gets, gapSeconds = 0 } of turns) {
    made.push({ messagesSeen: messages.length, gapSeconds });
    messages.push({ role: "assistant", content: says });
    causes.push(says.map((block) => (block.type === "tool_use" ? "toolCalls" : gets ? "narration" : "answer")));
    if (!gets) continue;
    messages.push({ role: "user", content: gets });
    causes.push(gets.map(() => "toolResults"));
  }
  const tools = fixed.tools === 0 ? [] : [{ name: "t", description: words(fixed.tools), input_schema: {} }];
  const system = fixed.system === 0 ? [] : [{ cause: "system" as const, text: words(fixed.system) }];
  return { system, tools, toolChoice: "auto", messages, causes, turns: made };
}

/** Contexts of 18,500, 30,650 and 43,600 tokens, as in the e-book's three steps: start, document read, document passed on. */
const document = 12_000;
const worked = conversation({ system: 3_000, tools: 15_000, prompt: 500 }, [
  { says: [use(150)], gets: [result(document)] },
  { says: [use(150 + document)], gets: [result(800)] },
  { says: [say(100)] },
]);

describe("a conversation worked out by hand", () => {
  const { table, totals, turns, exceedsWindowAt } = ledger(worked, wordCounter, "json", profile);

  it("shows the input and output of each turn", () => {
    expect(turns.map(({ input, output }) => [input, output])).toEqual([
      [18_500, 150],
      [30_650, 12_150],
      [43_600, 100],
    ]);
  });

  it("adds the tokens up by cause", () => {
    expect(totals.billedInput).toBe(18_500 + 30_650 + 43_600);
    expect(table.billedInput).toEqual({
      system: 9_000,
      toolDefinitions: 45_000,
      prompt: 1_500,
      toolCalls: 150 + 12_300,
      toolResults: 12_000 + 12_800,
    });
    expect(table.billedOutput).toEqual({ toolCalls: 12_300, answer: 100 });
    expect(totals.billedOutput).toBe(12_400);
  });

  it("takes the largest context, with its causes", () => {
    expect(totals.peakContext).toBe(43_700);
    expect(table.peakContext).toEqual({
      system: 3_000,
      toolDefinitions: 15_000,
      prompt: 500,
      toolCalls: 12_300,
      toolResults: 12_800,
      answer: 100,
    });
    expect(exceedsWindowAt).toBeNull();
  });

  it("reads from the cache what the request before carried, and writes the rest", () => {
    expect(turns.map(({ cold }) => cold)).toEqual([
      { read: 0, write: 18_500, uncached: 0 },
      { read: 18_500, write: 12_150, uncached: 0 },
      { read: 30_650, write: 12_950, uncached: 0 },
    ]);
    expect(turns.map(({ warm }) => warm)).toEqual([
      { read: 18_000, write: 500, uncached: 0 },
      { read: 18_500, write: 12_150, uncached: 0 },
      { read: 30_650, write: 12_950, uncached: 0 },
    ]);
    expect(table.coldCacheWrite).toEqual({
      system: 3_000,
      toolDefinitions: 15_000,
      prompt: 500,
      toolCalls: 12_300,
      toolResults: 12_800,
    });
    expect(table.coldUncached).toEqual({});
  });

  it("says which rules and counter it used", () => {
    expect(ledger(worked, wordCounter, "raw", profile)).toMatchObject({
      counter: "words",
      serialisation: "raw",
      version: LEDGER_VERSION,
    });
  });
});

describe("the e-book's account of the same three steps", () => {
  // 18,500 to begin with; a call of 150 and a transcript of 12,000; a call of 150 that carries those 12,150 again, and a
  // confirmation of 800.
  it("gives 18,500, 30,650 and 43,750 tokens of context after each step", () => {
    const told = conversation({ system: 3_000, tools: 15_000, prompt: 500 }, [
      { says: [use(150)], gets: [result(12_000)] },
      { says: [use(150 + 12_150)], gets: [result(800)] },
      { says: [say(1)] },
    ]);
    expect(ledger(told, wordCounter, "json", profile).turns.map(({ input }) => input)).toEqual([18_500, 30_650, 43_750]);
  });
});

describe("caching", () => {
  const small = { system: 100, tools: 500, prompt: 100 };
  const cold = (transcript: Transcript, rules: ModelProfile = profile): unknown =>
    ledger(transcript, wordCounter, "json", rules).turns.map(({ cold: { read, write, uncached } }) => [read, write, uncached]);
  const warm = (transcript: Transcript, rules: ModelProfile = profile): unknown =>
    ledger(transcript, wordCounter, "json", rules).turns.map((turn) => [turn.warm.read, turn.warm.write, turn.warm.uncached]);

  it("leaves a request below the minimum alone, and the next one finds nothing", () => {
    const transcript = conversation(small, [
      { says: [use(100)], gets: [result(223)] },
      { says: [use(1)], gets: [result(1)] },
      { says: [say(1)] },
    ]);
    const below = [0, 0, 700];
    expect(cold(transcript)).toEqual([below, [0, 0, 1_023], [0, 1_025, 0]]);
    expect(cold(transcript, withCache({ minimumTokens: 1_023 }))).toEqual([below, [0, 1_023, 0], [1_023, 2, 0]]);
  });

  it("warm reads tools and system at the first turn only if they reach the minimum", () => {
    const transcript = conversation({ ...small, system: 523 }, [{ says: [use(1)], gets: [result(1)] }, { says: [say(1)] }]);
    expect(warm(transcript)).toEqual([
      [0, 1_123, 0],
      [1_123, 2, 0],
    ]);
    expect(warm(transcript, withCache({ minimumTokens: 1_023 }))).toEqual([
      [1_023, 100, 0],
      [1_123, 2, 0],
    ]);
  });

  it("writes everything again when the gap outlasts the time to live, and goes on from there", () => {
    const steps = (gapSeconds: number): Transcript =>
      conversation({ ...small, system: 1_000 }, [
        { says: [use(1)], gets: [result(1)], gapSeconds },
        { says: [use(1)], gets: [result(1)], gapSeconds: 0 },
        { says: [say(1)], gapSeconds: 9_999 },
      ]);
    expect(cold(steps(300))).toEqual([
      [0, 1_600, 0],
      [1_600, 2, 0],
      [1_602, 2, 0],
    ]);
    expect(cold(steps(300.001))).toEqual([
      [0, 1_600, 0],
      [0, 1_602, 0],
      [1_602, 2, 0],
    ]);
  });

  it("finds an earlier write at most the look-back's blocks before the breakpoint", () => {
    const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);
    const parallel = (calls: number): Transcript =>
      conversation({ ...small, system: 1_000 }, [
        { says: ids(calls).map((id) => use(1, id)), gets: ids(calls).map((id) => result(1, id)) },
        { says: [say(1)] },
      ]);
    expect(cold(parallel(10))).toEqual([
      [0, 1_600, 0],
      [1_600, 20, 0],
    ]);
    expect(cold(parallel(11))).toEqual([
      [0, 1_600, 0],
      [0, 1_622, 0],
    ]);
  });

  it("finds nothing for a request that does not extend the one before", () => {
    const transcript = conversation({ ...small, system: 1_000 }, [{ says: [use(1)], gets: [result(1)] }, { says: [say(1)] }]);
    const [first, second] = transcript.turns;
    if (!first || !second) throw new TypeError("Two turns were made.");
    expect(cold({ ...transcript, turns: [second, first] })).toEqual([
      [0, 1_602, 0],
      [0, 1_600, 0],
    ]);
  });
});

describe("windows", () => {
  const transcript = conversation({ system: 100, tools: 0, prompt: 100 }, [
    { says: [use(10)], gets: [result(90)] },
    { says: [use(50)], gets: [result(1)] },
    { says: [say(1)] },
  ]);
  const exceeds = (limits: Partial<ModelProfile>): number | null =>
    ledger(transcript, wordCounter, "json", { ...profile, ...limits }).exceedsWindowAt;

  it("names the first turn whose context or output is too large", () => {
    expect(exceeds({ contextWindowTokens: 352 })).toBeNull();
    expect(exceeds({ contextWindowTokens: 351 })).toBe(2);
    expect(exceeds({ contextWindowTokens: 349 })).toBe(1);
    expect(exceeds({ contextWindowTokens: 209 })).toBe(0);
    expect(exceeds({ maxOutputTokens: 50 })).toBeNull();
    expect(exceeds({ maxOutputTokens: 49 })).toBe(1);
  });
});

describe("what is counted", () => {
  const count = (block: Block, serialisation: Serialisation): number => blockTokens(block, letterCounter, serialisation);

  it("is a tool use's name and input as compact JSON, without its id", () => {
    const block: Block = { type: "tool_use", id: "toolu_long_id", name: "a", input: { k: [1, "x"] } };
    expect(count(block, "json")).toBe('{"name":"a","input":{"k":[1,"x"]}}'.length);
    expect(count(block, "raw")).toBe('{"name":"a","input":{"k":[1,"x"]}}'.length);
  });

  it("leaves only the string values of a tool use unescaped under raw", () => {
    const block: Block = {
      type: "tool_use",
      id: "1",
      name: "a",
      input: { "k\n": 'line\n"q"\\', deep: [{ s: "\t" }, null, 1.5, true] },
    };
    expect(count(block, "json")).toBe(
      '{"name":"a","input":{"k\\n":"line\\n\\"q\\"\\\\","deep":[{"s":"\\t"},null,1.5,true]}}'.length,
    );
    expect(count(block, "raw")).toBe('{"name":"a","input":{"k\\n":"line\n"q"\\","deep":[{"s":"\t"},null,1.5,true]}}'.length);
  });

  it("is the text itself for text and tool results, under both", () => {
    for (const serialisation of serialisations) {
      expect(count({ type: "text", text: 'a\n"' }, serialisation)).toBe(3);
      expect(count({ type: "tool_result", tool_use_id: "long", content: 'a\n"', is_error: true }, serialisation)).toBe(3);
    }
  });

  it("is a tool as JSON in its own key order, the system texts, and the provider's own tokens of framing", () => {
    const tools = [{ name: "n", description: "d", input_schema: { type: "object" } }];
    const system = [
      { cause: "system" as const, text: "abc" },
      { cause: "instructions" as const, server: "s", text: "de" },
    ];
    const texts = '{"name":"n","description":"d","input_schema":{"type":"object"}}'.length + 5;
    const framed = { ...profile, toolUsePromptTokens: { auto: 7, any: null } };
    const fixed = (toolChoice: "auto" | "any") => fixedTokens({ system, tools, toolChoice }, letterCounter, framed);
    expect([fixed("auto"), fixed("any")]).toEqual([texts + 7, texts]);
  });

  it("is counted once for each distinct text", () => {
    const counted: string[] = [];
    const spy: Counter = { ...wordCounter, count: (text) => counted.push(text) };
    const poll = { says: [use(2)], gets: [result(3)] };
    ledger(conversation({ system: 1, tools: 1, prompt: 4 }, [poll, poll, poll, { says: [say(5)] }]), spy, "json", profile);
    expect(counted).toHaveLength(6);
    expect(new Set(counted).size).toBe(6);
  });

  it("refuses a transcript with a block that has no cause, or a turn that is not there", () => {
    expect(() => ledger({ ...worked, causes: [] }, wordCounter, "json", profile)).toThrow(TypeError);
    expect(() => ledger({ ...worked, turns: [{ messagesSeen: 99, gapSeconds: 0 }] }, wordCounter, "json", profile)).toThrow(
      TypeError,
    );
  });
});
