/**
 * Holds today's ledger to the frozen corpus: small conversations whose figures were worked out from the rules, not by this
 * code, with arithmetic that a pencil can follow. A case is data, so that it can test any other implementation too. Its
 * tokens are words, separated by white space. A figure changes only when a rule of docs/token-accounting.md does.
 */
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cost } from "../../../contract/cost.ts";
import type { Cost, Counter, LedgerByTurn, ModelProfile, Serialisation, TokenItem, Transcript } from "../../../contract/index.ts";
import { fixedBlocks } from "./blocks.ts";
import { tokenItems } from "./items.ts";
import { blockTokens, ledger } from "./ledger.ts";

/** One file of the corpus. */
interface Case {
  readonly name: string;
  readonly shows: string;
  readonly serialisation: Serialisation;
  /** Prices are for a million words, and so high that a word costs whole dollars. Framing that a case leaves out is 0. */
  readonly profile: Omit<ModelProfile, "id" | "asOf" | "source" | "toolUsePromptTokens"> &
    Partial<Pick<ModelProfile, "toolUsePromptTokens">>;
  /** The tool choice that a case leaves out is `auto`. */
  readonly transcript: Omit<Transcript, "toolChoice"> & Partial<Pick<Transcript, "toolChoice">>;
  /** Of each block, in the same places as in the transcript. */
  readonly words: {
    readonly tools: readonly number[];
    readonly system: readonly number[];
    /** Of each turn that was shown others. */
    readonly changes?: readonly { readonly tools: readonly number[]; readonly system: readonly number[] }[];
    readonly messages: readonly (readonly number[])[];
  };
  readonly expected: Pick<LedgerByTurn, "turns" | "table" | "totals" | "exceedsWindowAt"> & {
    /** Of each request; 0 where a case leaves it out. */
    readonly framingTokens?: number | null;
    readonly items: readonly TokenItem[];
    /** US dollars, to 9 places. */
    readonly cost: Cost;
  };
  /**
   * By a figure's path in `expected`: sums of products, as `6 * 2 + 5 = 17`. In a table or an item a product is a block's
   * words times how often they count, in a total a cause's figure, in a cost words times dollars.
   */
  readonly arithmetic: { readonly [path: string]: string };
}

const folder = fileURLToPath(new URL("corpus/", import.meta.url));
const files = globSync("*.json", { cwd: folder }).sort();
const corpus = files.map((file): Case => JSON.parse(readFileSync(`${folder}${file}`, "utf8")));

const words: Counter = {
  id: "words",
  title: "Words",
  version: "1",
  estimate: true,
  count: (text) => text.split(/\s+/u).filter((word) => word !== "").length,
};

const profileOf = ({ profile }: Case): ModelProfile => ({
  ...{ id: "corpus", asOf: "2025-01-01", source: "made up", toolUsePromptTokens: { auto: 0, any: 0 } },
  ...profile,
});

const transcriptOf = ({ transcript }: Case): Transcript => ({ toolChoice: "auto", ...transcript });

it("has every case that it was frozen with, each under its own name", () => {
  expect(corpus.map(({ name }) => name)).toEqual([
    "cache-expired",
    "cache-minimum-at-third-request",
    "call-and-answer",
    "code-mode",
    "empty-system",
    "ended-before-the-answer",
    "escapes-json",
    "escapes-raw",
    "failed-tool",
    "framing-by-tool-choice",
    "framing-lifts-over-the-cache-minimum",
    "framing-needs-a-tool",
    "framing-not-documented",
    "instructions",
    "look-back-exceeded",
    "one-turn",
    "peak-before-last",
    "peak-tie",
    "thinking-and-handoff",
    "tools-change",
    "two-uses-in-one-turn",
    "warm-at-minimum",
    "warm-below-minimum",
    "window-exceeded-by-input-and-output",
    "window-exceeded-by-input",
    "window-exceeded-by-output",
  ]);
  expect(files.map((file) => basename(file, ".json"))).toEqual(corpus.map(({ name }) => name));
});

describe.each(corpus)("$name", (held) => {
  const transcript = transcriptOf(held);
  const profile = profileOf(held);
  const made = () => ledger(transcript, words, held.serialisation, profile);

  it("has the words that stand beside its blocks", () => {
    const { tools, system, changes = [], messages } = held.words;
    const shown = [transcript, ...transcript.turns.flatMap((turn) => turn.shown ?? [])];
    expect(
      shown.map((one) => fixedBlocks(one, null).map((block) => ("text" in block ? words.count(block.text) : Number.NaN))),
    ).toEqual([{ tools, system }, ...changes].map((one) => [...one.tools, ...one.system]));
    expect(
      transcript.messages.map(({ content }) => content.map((block) => blockTokens(block, words, held.serialisation))),
    ).toEqual(messages);
  });

  it("has the expected ledger", () => {
    const { turns, table, totals, exceedsWindowAt, framingTokens } = made();
    const { items: _, cost: __, ...expected } = held.expected;
    expect({ turns, table, totals, exceedsWindowAt, framingTokens }).toEqual({ framingTokens: 0, ...expected });
  });

  it("has the expected items", () => {
    expect(tokenItems(transcript, words, held.serialisation, profile)).toEqual(held.expected.items);
  });

  it("has the expected cost", () => {
    const dollars = cost(made(), profile);
    expect(Object.keys(dollars)).toEqual(Object.keys(held.expected.cost));
    for (const [name, expected] of Object.entries(held.expected.cost)) {
      expect(dollars[name as keyof Cost], name).toBeCloseTo(expected, 9);
    }
  });

  it("has arithmetic that adds up, for each of its figures", () => {
    const figures = figuresToShow(held);
    expect(Object.keys(held.arithmetic).sort()).toEqual([...figures.keys()].sort());
    for (const [path, line] of Object.entries(held.arithmetic)) {
      const { left, right } = addUp(line);
      expect(left, `${path}: ${line}`).toBeCloseTo(right, 9);
      expect(right, `${path}: ${line}`).toBe(figures.get(path));
    }
  });
});

/** All but zeros, turns, and items that are alone in their cause, whose figures are the table's. */
function figuresToShow({ expected: { table, totals, items, cost } }: Case): Map<string, number> {
  const figures = new Map<string, number>();
  const show = (path: string, row: { readonly [name: string]: number }): void => {
    for (const [name, figure] of Object.entries(row)) if (figure !== 0) figures.set(`${path}.${name}`, figure);
  };
  for (const [measure, row] of Object.entries(table)) show(`table.${measure}`, row);
  show("totals", totals);
  show("cost", { ...cost });
  for (const [at, { cause, name: _, ...row }] of items.entries()) {
    if (items.filter((item) => item.cause === cause).length > 1) show(`items.${at}`, row);
  }
  return figures;
}

const sum = /^\d+(\.\d+)?( \* \d+(\.\d+)?)?( \+ \d+(\.\d+)?( \* \d+(\.\d+)?)?)*$/u;

/** Both sides of a line. Throws TypeError on anything but sums of products. */
function addUp(line: string): { readonly left: number; readonly right: number } {
  const [left = "", right = "", ...more] = line.split(" = ");
  if (more.length > 0 || !sum.test(left) || !/^\d+(\.\d+)?$/u.test(right))
    throw new TypeError(`"${line}" is not a sum of products.`);
  const product = (term: string): number => term.split(" * ").reduce((value, factor) => value * Number(factor), 1);
  return { left: left.split(" + ").reduce((value, term) => value + product(term), 0), right: Number(right) };
}
