import { describe, expect, test } from "vitest";
import type { CellRecord } from "../../contract/index.ts";
import { codeRecord, directRecord, echoRecord, episodesOf, goodRecords, ledgerOf, runOf } from "../../testing/records.ts";
import { summarise } from "./summarise.ts";

function block(records: readonly CellRecord[]) {
  const [first] = summarise(runOf(), records).blocks;
  if (first === undefined) throw new Error("no block");
  return first;
}

describe("reduction", () => {
  test("is 1 - code/direct for each seed, with lowest and highest", () => {
    const [minimal] = block(goodRecords).ways;
    expect(minimal?.pairs).toBe(3);
    expect(minimal?.reductions.peakContext?.min).toBeCloseTo(1 - 1100 / 10_500);
    expect(minimal?.reductions.peakContext?.median).toBeCloseTo(0.9);
    expect(minimal?.reductions.peakContext?.max).toBeCloseTo(1 - 1000 / 11_000);
  });

  test("counts input and output together as billed", () => {
    const [minimal] = block([directRecord(), codeRecord()]).ways;
    expect(minimal?.reductions.billed?.median).toBeCloseTo(1 - 2500 / 20_500);
  });

  test("pairs only the same seed, parameters and tools", () => {
    const alone = [directRecord({ seed: 1 }), codeRecord({ seed: 2 })];
    expect(block(alone).ways[0]).toMatchObject({ pairs: 0, reductions: { peakContext: null, billed: null } });
    expect(summarise(runOf(), [directRecord({ tools: 50 }), codeRecord({ tools: null })]).blocks).toHaveLength(2);
  });

  test("is against the baseline that was asked for", () => {
    const run = runOf({ config: { ...runOf().config, baseline: "code-execution" } });
    const [found] = summarise(run, goodRecords).blocks;
    expect(found?.baseline).toMatchObject({ mode: "code-execution", policy: "minimal" });
    expect(found?.ways.map(({ mode }) => mode)).toEqual(["direct-tool-call"]);
    expect(found?.ways[0]?.reductions.peakContext?.median).toBeCloseTo(1 - 10_000 / 1000);
  });

  test("is never over two models", () => {
    const records = [directRecord(), codeRecord({ model: "another" })];
    expect(summarise(runOf(), records).blocks.map(({ model, ways }) => [model, ways.map(({ pairs }) => pairs)])).toEqual([
      ["another", [0]],
      ["scripted", []],
    ]);
  });

  test("is never taken from a cell whose mode was not tried, and the report says so", () => {
    const { measured: _, ...played } = codeRecord();
    const summary = summarise(runOf(), [directRecord(), { ...played, status: "void" }]);
    expect(summary.blocks[0]?.ways[0]).toMatchObject({ played: 1, passed: 0, figures: null, pairs: 0 });
    expect(summary.problems).toMatchObject([{ status: "void", message: expect.stringContaining("was not tried") }]);
  });

  test("is never taken from a cell that failed", () => {
    const { measured: _, ...played } = codeRecord();
    const failed: CellRecord = { ...played, status: "failed", checks: [{ id: "answer", passed: false, detail: "wrong" }] };
    const summary = summarise(runOf(), [directRecord(), failed]);
    expect(summary.blocks[0]?.ways[0]).toMatchObject({ played: 1, passed: 0, figures: null, pairs: 0 });
    expect(summary.problems).toMatchObject([{ status: "failed", cells: 1, message: "answer: wrong" }]);
  });

  test("against a cell that does not fit the window is marked", () => {
    const large = directRecord({}, 0, { ledgers: [ledgerOf({ toolResults: 300_000 }, {}, { exceedsWindowAt: 1 })] });
    const summary = summarise(runOf(), [large, codeRecord()]);
    expect(summary.blocks[0]?.ways[0]?.reductions.billed?.fits).toBe(false);
    expect(summary.blocks[0]?.baseline?.figures?.seedsNotFitting).toBe(1);
    expect(summary.bounds.every(({ low, high }) => !low.fits && !high.fits)).toBe(true);
    expect(summary.sensitivity[0]?.rows.every(({ peakContext, billed }) => !peakContext.fits && !billed.fits)).toBe(true);
  });

  test("is not averaged over scenarios: each has its own block", () => {
    const records = ["a", "b"].flatMap((scenario) => [directRecord({ scenario }), codeRecord({ scenario })]);
    expect(summarise(runOf(), records).blocks.map(({ scenario }) => scenario)).toEqual(["a", "b"]);
  });
});

describe("figures of an even number of seeds", () => {
  const { baseline, ways } = block([directRecord({ seed: 1 }), directRecord({ seed: 2 }, 501), codeRecord({ seed: 1 })]);

  test("are the mean of the middle two, and the causes add up to them", () => {
    expect(baseline?.figures?.figures).toMatchObject({
      peakContext: { median: 10_250.5, min: 10_000, max: 10_501 },
      billed: { median: 21_001, min: 20_500, max: 21_502 },
    });
    const causes = baseline?.figures?.causes ?? [];
    expect(causes.reduce((sum, { peakContext }) => sum + peakContext, 0)).toBe(10_250.5);
    expect(causes.reduce((sum, { billed }) => sum + billed, 0)).toBe(21_001);
  });

  test("are those of the one seed that a side has", () => {
    expect(ways[0]?.figures?.figures.peakContext).toEqual({ median: 1000, min: 1000, max: 1000 });
  });
});

test("the causes of an odd number of seeds are those of the seed in the middle", () => {
  const seeds = [1000, 0, 500].map((more, i) => directRecord({ seed: i + 1 }, more));
  const results = block([...seeds, codeRecord()]).baseline?.figures?.causes.find(({ cause }) => cause === "toolResults");
  expect(results).toEqual({ cause: "toolResults", peakContext: 9500, billed: 19_000 });
});

describe("the same conversations under other facts about the model", () => {
  test("have their own peaks, reductions and window", () => {
    const baseline = directRecord();
    const tight = baseline.restatements.map((one) => (one.framingTokens === 0 ? one : { ...one, exceedsWindowAt: 1 }));
    const [way] = block([directRecord({}, 0, { restatements: tight }), codeRecord()]).ways;
    expect(way?.restated).toMatchObject([
      { id: "without-framing", framingTokens: 0, peakContext: { baseline: 9700, compared: 700 } },
      { id: "claude-sonnet-4.5", framingTokens: 346, peakContext: { baseline: 10_000, compared: 1000 } },
    ]);
    const [unframed, older] = way?.restated ?? [];
    expect(unframed?.reductions.peakContext).toMatchObject({ median: 1 - 700 / 9700, fits: true });
    expect(unframed?.reductions.billed).toMatchObject({ median: 1 - 1900 / 19_900, fits: true });
    expect(unframed?.reductions.warmUsd?.median).toBeCloseTo(1 - 0.0105 / 0.036);
    expect(older?.reductions.billed).toMatchObject({ median: 1 - 2500 / 20_500, fits: false });
    expect(way?.reductions.billed).toMatchObject({ fits: true });
  });

  test("are left out where one side was not restated so", () => {
    expect(block([directRecord({}, 0, { restatements: [] }), codeRecord()]).ways[0]?.restated).toEqual([]);
  });
});

test("cells that bound the figures are in the bounds and no way of their own", () => {
  const { blocks, bounds } = summarise(runOf(), goodRecords);
  expect(blocks[0]?.ways.map(({ policy }) => policy)).toEqual(["minimal"]);
  expect(bounds[0]?.low.at).toContain("policy thorough");
});

test("control cells are no sample of anything", () => {
  expect(block(goodRecords).baseline).toMatchObject({ played: 3, seeds: 3 });
  expect(block(goodRecords).ways.map(({ mode }) => mode)).not.toContain("code-execution-echo");
});

test("the order of the records changes nothing", () => {
  expect(summarise(runOf(), goodRecords.toReversed())).toEqual(summarise(runOf(), goodRecords));
});

test("bounds say which choices gave each end", () => {
  const { bounds } = summarise(runOf(), goodRecords);
  expect(bounds.map(({ measure }) => measure)).toEqual(["peakContext", "billed", "cost"]);
  expect(bounds[0]?.low.at).toBe("rows=1000, serverQuery=false, policy thorough, o200k_base json, seed 1");
  expect(bounds[0]?.low.reduction).toBeCloseTo(0.8);
});

test("ledgers of different counting rules are not compared", () => {
  const newer = codeRecord();
  const other = { ...newer, ledgers: newer.ledgers.map((ledger) => ({ ...ledger, version: 3 })) };
  expect(summarise(runOf(), [directRecord(), other]).sensitivity[0]?.rows).toEqual([]);
});

describe("controls", () => {
  const controls = (records: readonly CellRecord[]) =>
    Object.fromEntries(summarise(runOf(), records).controls.map(({ id, status }) => [id, status]));

  test("pass on a run whose arithmetic is honest", () => {
    expect(controls(goodRecords)).toEqual({ self: "passed", echo: "passed" });
  });

  test("are not played rather than passed when their cells are missing", () => {
    expect(controls([directRecord(), codeRecord()])).toEqual({ self: "not-played", echo: "not-played" });
  });

  test("self fails when the same cell gives one token more", () => {
    expect(controls([directRecord(), directRecord({ repetition: 1 }, 1)]).self).toBe("failed");
  });

  test("self fails when the conversation differs though its tokens do not", () => {
    expect(controls([directRecord(), directRecord({ repetition: 1 }, 0, { episodes: episodesOf(2, "d2") })]).self).toBe("failed");
  });

  test("echo fails when the program shows less than direct did", () => {
    expect(controls([directRecord(), echoRecord(8820)]).echo).toBe("passed");
    expect(controls([directRecord(), echoRecord(8819)]).echo).toBe("failed");
  });

  test("echo does not ask for results of tools that only direct calls, such as a clock", () => {
    const calls = [
      { server: "google-sheets", tool: "get_rows", calls: 10, errors: 0, argumentBytes: 500, resultBytes: 30_000 },
      { server: "clock", tool: "wait", calls: 10, errors: 0, argumentBytes: 500, resultBytes: 6000 },
    ];
    expect(controls([directRecord({}, 0, { calls }), echoRecord(7500)]).echo).toBe("passed");
    expect(controls([directRecord({}, 0, { calls }), echoRecord(7000)]).echo).toBe("failed");
  });
});

test("a run without records has a summary", () => {
  expect(summarise(runOf(), [])).toMatchObject({
    cells: { played: 0 },
    blocks: [],
    bounds: [],
    sensitivity: [],
    robustness: [],
    problems: [],
  });
});

test("times of two machines are not pooled, and tokens are", () => {
  const [one, other] = [codeRecord(), codeRecord({ seed: 2 }, 0, { machine: "m2" })];
  const [way] = block([directRecord(), directRecord({ seed: 2 }), one, other]).ways;
  expect(way?.figures?.play).toBeNull();
  expect(way?.pairs).toBe(2);
  expect(block([directRecord(), one]).ways[0]?.figures?.play).toMatchObject({ n: 1 });
});
