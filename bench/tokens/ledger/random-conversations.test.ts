import { describe, expect, it } from "vitest";
import {
  type Block,
  type Cause,
  type Counter,
  itemMeasures,
  type Ledger,
  type LedgerByTurn,
  type Measure,
  type ModelProfile,
  measures,
  type Serialisation,
  type Shown,
  serialisations,
  type Transcript,
} from "../../../contract/index.ts";
import { profile } from "../../../testing/profile.ts";
import { randomTranscript } from "../../../testing/random-transcript.ts";
import { tokenItems } from "./items.ts";
import { ledger } from "./ledger.ts";

const letterCounter: Counter = { id: "letters", title: "Letters", version: "1", estimate: true, count: (text) => text.length };

const withMinimum = (minimumTokens: number): ModelProfile => ({
  ...profile,
  toolUsePromptTokens: { auto: 70, any: 90 },
  cache: { ...profile.cache, minimumTokens },
});

/** The same figures, block by block and turn by turn, with no sum kept between turns. */
function naive(
  transcript: Transcript,
  counter: Counter,
  serialisation: Serialisation,
  { cache, toolUsePromptTokens: framed }: ModelProfile,
) {
  const stringOf = (block: Block): string => {
    if (block.type === "text") return block.text;
    if (block.type === "tool_result") return block.content;
    if (serialisation === "json") return JSON.stringify({ name: block.name, input: block.input });
    // Every string value becomes a number that occurs nowhere else, and then the string itself.
    const values: string[] = [];
    const marked = JSON.stringify({ name: block.name, input: block.input }, (key, value) => {
      if (typeof value !== "string" || (key === "name" && value === block.name)) return value;
      return 7e15 + values.push(value);
    });
    return marked.replace(/700000000000(\d{4})/gu, (_, at) => `"${values[Number(at) - 1]}"`);
  };
  type Counted = { cause: Cause; tokens: number };
  const shownAt = (k: number): Shown => transcript.turns.slice(0, k + 1).findLast(({ shown }) => shown)?.shown ?? transcript;
  const request = (k: number, messageCount: number): Counted[] => [
    ...shownAt(k).tools.map((tool): Counted => ({ cause: "toolDefinitions", tokens: counter.count(JSON.stringify(tool)) })),
    ...(shownAt(k).tools.length > 0 ? [{ cause: "framing", tokens: framed[transcript.toolChoice] ?? 0 } satisfies Counted] : []),
    ...shownAt(k).system.map(({ cause, text }): Counted => ({ cause, tokens: counter.count(text) })),
    ...transcript.messages.slice(0, messageCount).flatMap(({ content }, m) =>
      content.map((block, b): Counted => {
        return { cause: transcript.causes[m]?.[b] ?? "system", tokens: counter.count(stringOf(block)) };
      }),
    ),
  ];
  const size = (blocks: readonly Counted[]): number => blocks.reduce((sum, { tokens }) => sum + tokens, 0);

  const totals = Object.fromEntries(measures.map((measure) => [measure, 0])) as Record<Measure, number>;
  const table: { [measure: string]: { [cause: string]: number } } = Object.fromEntries(measures.map((measure) => [measure, {}]));
  const add = (measure: Measure, blocks: readonly Counted[]): void => {
    totals[measure] += size(blocks);
    for (const { cause, tokens } of blocks) {
      const row = table[measure] ?? {};
      if (tokens > 0) row[cause] = (row[cause] ?? 0) + tokens;
    }
  };
  transcript.turns.forEach(({ messagesSeen }, k) => {
    const input = request(k, messagesSeen);
    const context = request(k, messagesSeen + 1);
    add("billedInput", input);
    add("billedOutput", context.slice(input.length));
    if (k === 0 || size(context) > totals.peakContext) {
      totals.peakContext = 0;
      table.peakContext = {};
      add("peakContext", context);
    }
    for (const column of ["cold", "warm"] as const) {
      const before = transcript.turns[k - 1];
      let cachedBlocks = 0;
      if (before) {
        cachedBlocks = request(k - 1, before.messagesSeen).length;
        if (transcript.turns[k]?.shown) cachedBlocks = 0;
        if (before.gapSeconds > cache.timeToLiveSeconds || input.length - cachedBlocks > cache.lookBackBlocks) cachedBlocks = 0;
      } else if (column === "warm") cachedBlocks = request(0, 0).length;
      if (size(input.slice(0, cachedBlocks)) < cache.minimumTokens) cachedBlocks = 0;
      add(`${column}CacheRead`, input.slice(0, cachedBlocks));
      add(size(input) < cache.minimumTokens ? `${column}Uncached` : `${column}CacheWrite`, input.slice(cachedBlocks));
    }
  });
  return { totals, table };
}

describe("random conversations", () => {
  const seeds = Array.from({ length: 150 }, (_, i) => i + 1);
  const made = (seed: number, serialisation: Serialisation = "json"): LedgerByTurn =>
    ledger(randomTranscript(seed), letterCounter, serialisation, withMinimum(100 * (seed % 20)));

  it.each(serialisations)("give the same figures as counting every block of every request by itself (%s)", (serialisation) => {
    for (const seed of seeds) {
      const transcript = randomTranscript(seed);
      for (const minimumTokens of [0, 1_500, 4_000]) {
        const { table, totals } = ledger(transcript, letterCounter, serialisation, withMinimum(minimumTokens));
        expect({ table, totals }, `seed ${seed}`).toEqual(
          naive(transcript, letterCounter, serialisation, withMinimum(minimumTokens)),
        );
      }
    }
  });

  it("have rows that add up exactly", () => {
    for (const seed of seeds) {
      const { table, totals } = made(seed);
      for (const measure of measures) {
        expect(Object.values(table[measure]).reduce((sum, tokens) => sum + tokens, 0)).toBe(totals[measure]);
      }
    }
  });

  it.each(serialisations)("have items that add up to every cause of their measures (%s)", (serialisation) => {
    for (const seed of seeds) {
      const transcript = randomTranscript(seed);
      for (const turns of [transcript.turns, transcript.turns.slice(0, 1), []]) {
        const { table } = ledger({ ...transcript, turns }, letterCounter, serialisation, withMinimum(0));
        const items = tokenItems({ ...transcript, turns }, letterCounter, serialisation, withMinimum(0));
        for (const measure of itemMeasures) {
          const sums: { [cause: string]: number } = {};
          for (const item of items) if (item[measure] > 0) sums[item.cause] = (sums[item.cause] ?? 0) + item[measure];
          expect(sums, `seed ${seed}, ${measure}`).toEqual(table[measure]);
        }
      }
    }
  });

  it("read, write and send uncached exactly their input, at every turn and over all", () => {
    for (const seed of seeds) {
      const { totals, turns } = made(seed);
      for (const { input, cold, warm } of turns) {
        expect(cold.read + cold.write + cold.uncached).toBe(input);
        expect(warm.read + warm.write + warm.uncached).toBe(input);
      }
      expect(totals.coldCacheRead + totals.coldCacheWrite + totals.coldUncached).toBe(totals.billedInput);
      expect(totals.warmCacheRead + totals.warmCacheWrite + totals.warmUncached).toBe(totals.billedInput);
    }
  });

  it("differ between serialisations in tool uses only", () => {
    const ofToolUses: readonly Cause[] = ["toolCalls", "discovery", "code"];
    for (const seed of seeds) {
      const [json, raw] = [made(seed, "json"), made(seed, "raw")];
      for (const measure of ["billedInput", "billedOutput"] as const) {
        const rest = ({ table }: Ledger) =>
          Object.entries(table[measure]).filter(([cause]) => !ofToolUses.includes(cause as Cause));
        expect(rest(raw)).toEqual(rest(json));
        expect(raw.totals[measure]).toBeLessThanOrEqual(json.totals[measure]);
      }
    }
  });

  it("keep the figures of earlier turns when a turn is added", () => {
    for (const seed of seeds) {
      const transcript = randomTranscript(seed);
      const whole = ledger(transcript, letterCounter, "json", profile);
      for (let turns = 0; turns < transcript.turns.length; turns++) {
        const shorter = ledger({ ...transcript, turns: transcript.turns.slice(0, turns) }, letterCounter, "json", profile);
        expect(shorter.turns).toEqual(whole.turns.slice(0, turns));
      }
    }
  });
});
