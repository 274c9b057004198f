/** Each choice alone turns a sign here, on records whose arithmetic can be done in the head. */
import { describe, expect, test } from "vitest";
import { type CellRecord, type RunInfo, withoutFraming } from "../../contract/index.ts";
import { codeRecord, directRecord, goodRecords, ledgerOf, runOf } from "../../testing/records.ts";
import type { Conclusion, Tried } from "./robustness.ts";
import { summarise } from "./summarise.ts";

/** The first way's conclusion about one measure. */
function conclusion(measure: Conclusion, records: readonly CellRecord[], run: RunInfo = runOf()) {
  return summarise(run, records).robustness.find((one) => one.measure === measure);
}

/** Rounded, since 1 - 11/10 is not quite -0.1. */
function flipsOf(
  measure: Conclusion,
  records: readonly CellRecord[],
  run?: RunInfo,
): readonly Pick<Tried, "choice" | "reduction">[] {
  const flips = conclusion(measure, records, run)?.flips ?? [];
  return flips.map(({ choice, reduction }) => ({ choice, reduction: Number(reduction.toFixed(6)) }));
}

/** Peak context of `codeRecord` with this much more: 10% above baseline's 10,000. */
const tooMuch = 10_000;

test("a conclusion that no choice turns is robust, and says how many were tried", () => {
  const { robustness, blocks } = summarise(runOf(), goodRecords);
  expect(robustness.map(({ measure }) => measure)).toEqual(["peakContext", "billed", "warmUsd"]);
  // Three seeds, the other serialisation, no framing, the other profile, and the policy that bounds.
  for (const { tried, flips } of robustness) {
    expect(tried.map(({ choice, played }) => (played ? `${choice} (played)` : choice))).toEqual([
      ...["policy thorough (played)", "without framing", "profile claude-sonnet-4.5", "o200k_base raw"],
      ...["seed 1", "seed 2", "seed 3"],
    ]);
    expect(flips).toEqual([]);
  }
  expect(robustness[0]?.reduction).toBe(blocks[0]?.ways[0]?.reductions.peakContext?.median);
  expect(blocks[0]?.ways[0]?.reductions).toMatchObject({ peakContext: { robust: true }, turns: { robust: null } });
});

describe("a sign that is turned", () => {
  test("by a policy, held against direct on its own seed", () => {
    const records = [...goodRecords, codeRecord({ policy: "repair", role: "bound" }, tooMuch)];
    expect(flipsOf("peakContext", records)).toEqual([{ choice: "policy repair", reduction: -0.1 }]);
    const reductions = summarise(runOf(), records).blocks[0]?.ways[0]?.reductions;
    expect(reductions).toMatchObject({ peakContext: { robust: false }, warmUsd: { robust: true } });
  });

  test("by output schemas", () => {
    const records = [...goodRecords, codeRecord({ outputSchemas: "none", role: "bound" }, tooMuch)];
    expect(flipsOf("peakContext", records)).toEqual([{ choice: "output schemas none", reduction: -0.1 }]);
  });

  test("by leaving framing out, and then the restated reductions are marked too", () => {
    const compared = codeRecord();
    const [unframed, ...others] = compared.restatements;
    if (unframed === undefined) throw new Error("no restatement");
    const more = { ...unframed, totals: { ...unframed.totals, billedInput: 39_300 } };
    const records = [directRecord(), codeRecord({}, 0, { restatements: [more, ...others] })];
    // Direct: 19,400 and 500 billed.
    expect(flipsOf("billed", records)).toEqual([{ choice: "without framing", reduction: -1 }]);
    const restated = summarise(runOf(), records).blocks[0]?.ways[0]?.restated;
    expect(restated?.find(({ id }) => id === withoutFraming)?.reductions).toMatchObject({
      billed: { median: -1, robust: false },
      peakContext: { robust: true },
    });
  });

  test("by a profile, which says if its framing is not known", () => {
    const compared = codeRecord();
    const dear = (framingTokens: number | null) =>
      compared.restatements.map((one) =>
        one.id === withoutFraming ? one : { ...one, framingTokens, cost: { ...one.cost, warmUsd: 0.072 } },
      );
    const flips = (framingTokens: number | null) =>
      flipsOf("warmUsd", [directRecord(), codeRecord({}, 0, { restatements: dear(framingTokens) })]);
    expect(flips(346)).toEqual([{ choice: "profile claude-sonnet-4.5", reduction: -1 }]);
    expect(flips(null)).toEqual([{ choice: "profile claude-sonnet-4.5 (framing not documented: not counted)", reduction: -1 }]);
  });

  test("by a counter, cost included: that of its own tokens", () => {
    const [primary] = codeRecord().ledgers;
    if (primary === undefined) throw new Error("no ledger");
    const raw = ledgerOf({ system: 20_000 }, { answer: 400 }, { serialisation: "raw" });
    const records = [directRecord(), codeRecord({}, 0, { ledgers: [primary, raw] })];
    const choice = "o200k_base raw";
    expect(flipsOf("peakContext", records)).toEqual([{ choice, reduction: -1 }]);
    expect(flipsOf("billed", records)).toEqual([{ choice, reduction: Number((1 - 40_400 / 20_400).toFixed(6)) }]);
    // 20,000 and 40,000 input tokens at $3, 400 output tokens at $15 a million.
    expect(flipsOf("warmUsd", records)).toEqual([{ choice, reduction: Number((1 - 0.126 / 0.066).toFixed(6)) }]);
  });

  test("by a seed, and by that seed alone: other choices are medians over seeds like the headline", () => {
    const records = [1, 2, 3].flatMap((seed) => [directRecord({ seed }), codeRecord({ seed }, seed === 3 ? tooMuch : 0)]);
    expect(flipsOf("peakContext", records)).toEqual([{ choice: "seed 3", reduction: -0.1 }]);
  });

  test("by a policy that was played for bounds on another sandbox, which is named", () => {
    const records = [
      directRecord(),
      codeRecord(),
      codeRecord({ policy: "repair", sandbox: "subprocess", role: "bound" }, tooMuch),
    ];
    expect(flipsOf("peakContext", records)).toEqual([{ choice: "policy repair, on subprocess", reduction: -0.1 }]);
  });

  test("into no change at all", () => {
    const records = [directRecord(), codeRecord(), codeRecord({ policy: "repair", role: "bound" }, 9000)];
    expect(flipsOf("peakContext", records)).toEqual([{ choice: "policy repair", reduction: 0 }]);
    const dearer = [directRecord(), codeRecord({}, tooMuch), codeRecord({ policy: "repair", role: "bound" }, 9000)];
    expect(flipsOf("peakContext", dearer)).toEqual([{ choice: "policy repair", reduction: 0 }]);
  });

  test("from more to less as well", () => {
    const records = [directRecord(), codeRecord({}, tooMuch), codeRecord({ policy: "repair", role: "bound" })];
    expect(conclusion("peakContext", records)?.reduction).toBeCloseTo(-0.1);
    expect(flipsOf("peakContext", records)).toEqual([{ choice: "policy repair", reduction: 0.9 }]);
  });
});

test("a choice says whether its conversations fit, under a profile that profile's window", () => {
  const tight = codeRecord().restatements.map((one) => (one.id === withoutFraming ? one : { ...one, exceedsWindowAt: 1 }));
  const large = ledgerOf({ codeOutput: 2_000_000 }, { answer: 100 }, { exceedsWindowAt: 0 });
  const records = [
    directRecord(),
    codeRecord({}, 0, { restatements: tight }),
    codeRecord({ policy: "repair", role: "bound" }, 0, { ledgers: [large] }),
  ];
  const tried = conclusion("billed", records)?.tried.map(({ choice, fits }) => [choice, fits]);
  expect(tried).toEqual([
    ["policy repair", false],
    ["without framing", true],
    ["profile claude-sonnet-4.5", false],
    ["o200k_base raw", true],
  ]);
});

test("another mode or sandbox is not a choice: it is a way of its own, with its own policies", () => {
  const others = [
    codeRecord({ mode: "bash-execution", policy: "repair" }, tooMuch),
    codeRecord({ sandbox: "pyodide" }, tooMuch),
    codeRecord({ sandbox: "pyodide", policy: "repair" }, tooMuch),
  ];
  const records = [directRecord(), codeRecord(), ...others];
  expect(flipsOf("peakContext", records)).toEqual([]);
  expect(conclusion("peakContext", records)?.tried.some(({ played }) => played)).toBe(false);
});

test("without a headline figure there is no conclusion: direct costs nothing", () => {
  const free = { uncachedUsd: 0, coldUsd: 0, warmUsd: 0 };
  const { robustness, blocks } = summarise(runOf(), [directRecord({}, 0, { cost: free }), codeRecord()]);
  expect(robustness.map(({ measure }) => measure)).toEqual(["peakContext", "billed"]);
  expect(blocks[0]?.ways[0]?.reductions.warmUsd).toBeNull();
});

test("every way that is compared has its own conclusions, and each is a choice to the others", () => {
  const records = [directRecord(), codeRecord(), codeRecord({ policy: "thorough" }, tooMuch)];
  const run = runOf({ config: { ...runOf().config, policies: ["minimal", "thorough"] } });
  const peaks = summarise(run, records).robustness.filter(({ measure }) => measure === "peakContext");
  expect(peaks.map(({ policy, flips }) => [policy, flips.map(({ choice }) => choice)])).toEqual([
    ["minimal", ["policy thorough"]],
    ["thorough", ["policy minimal"]],
  ]);
});

test("two choices made differently at once do not count: the bounds of the way that leads say nothing of another", () => {
  const ways = [codeRecord(), codeRecord({ policy: "thorough" })];
  const records = [directRecord(), ...ways, codeRecord({ outputSchemas: "none", role: "bound" }, tooMuch)];
  const run = runOf({ config: { ...runOf().config, policies: ["minimal", "thorough"] } });
  const peaks = summarise(run, records).robustness.filter(({ measure }) => measure === "peakContext");
  expect(peaks.map(({ policy, flips }) => [policy, flips.map(({ choice }) => choice)])).toEqual([
    ["minimal", ["output schemas none"]],
    ["thorough", []],
  ]);
});

test("a subject with another number of tools is only counted again", () => {
  const records = [...goodRecords, directRecord({ tools: 400 }), codeRecord({ tools: 400 })];
  const tried = summarise(runOf(), records).robustness.filter(({ measure }) => measure === "billed");
  expect(tried.map(({ tools, tried: choices }) => [tools, choices.length])).toEqual([
    [null, 7],
    [400, 3],
  ]);
});
