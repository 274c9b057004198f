import { describe, expect, test } from "vitest";
import { type CauseTable, type CellKey, type CellRecord, itemMeasures, type Ledger, measures } from "../../contract/index.ts";
import { codeRecord, directRecord, goodRecords, itemsOf, ledgerOf, runOf } from "../../testing/records.ts";
import { gatedRecord, groupKey } from "./cells.ts";
import { createLockCollector } from "./collector.ts";
import { parseBudgets } from "./files/budgets.ts";
import { type Lock, lockText, parseLock } from "./files/lockfile.ts";
import { createGate, type GateQuestions } from "./gate.ts";
import { createNextSteps } from "./next-steps.ts";
import type { Check } from "./report.ts";
import { type Selection, selectionOf } from "./selection.ts";

const selection = selectionOf(runOf().config, "/here");

const makeBaseline = "make this run the baseline: mcp-code-bench gate results/now --baseline tokens.lock.json --update";

const lockOf = (records: readonly CellRecord[], asked: Partial<Selection> = {}): Lock => {
  const collector = createLockCollector({ ...selection, ...asked });
  for (const record of records) {
    const gated = gatedRecord.parse(record);
    collector.add({ record: gated, group: groupKey(gated.key) });
  }
  const lock = collector.lock();
  if (lock === undefined) throw new Error("No record passed.");
  return lock;
};

interface Asked extends Partial<Pick<GateQuestions, "lock" | "why">> {
  readonly budgets?: readonly object[];
  readonly planned?: number;
  readonly torn?: boolean;
}

/** The checks that did not simply pass. */
function found(records: readonly CellRecord[], { budgets, lock, why = false, planned = records.length, torn = false }: Asked) {
  const checks = allChecks(records, {
    ...(budgets === undefined ? {} : { budgets }),
    ...(lock === undefined ? {} : { lock }),
    why,
    planned,
    torn,
  });
  return checks.filter(({ status }) => status !== "passed");
}

function allChecks(
  records: readonly CellRecord[],
  { budgets, lock, why = false, planned = records.length, torn = false }: Asked,
) {
  const gate = createGate({
    run: { ...runOf(), plannedCells: planned },
    selection,
    nextSteps: createNextSteps({
      results: "results/now",
      budget: "budgets.json",
      baseline: { name: "tokens.lock.json", kind: "lockfile" },
    }),
    budgets: budgets === undefined ? [] : parseBudgets(JSON.stringify({ budgets }), "budgets.json"),
    lock,
    why,
  });
  for (const record of records) gate.add(gatedRecord.parse(record));
  return gate.checks(torn);
}

const only = (checks: readonly Check[]): Check => {
  expect(checks).toHaveLength(1);
  const [check] = checks;
  if (check === undefined) throw new Error("No check.");
  return check;
};

/** A code record whose primary ledger has these tokens in its context. */
function withTokens(input: CauseTable, key: Partial<CellKey> = {}, counter = "o200k_base"): CellRecord {
  const ledger = ledgerOf(input, { answer: 100 }, { counter });
  return codeRecord(key, 0, { ledgers: [ledger], items: itemsOf(ledger) });
}

describe("against a baseline", () => {
  const before = [
    withTokens({ system: 200, codeOutput: 500 }, { seed: 1 }),
    withTokens({ system: 200, codeOutput: 500 }, { seed: 2 }),
  ];

  test("the same records pass, whatever their order", () => {
    expect(found(goodRecords, { lock: lockOf(goodRecords) })).toEqual([]);
    expect(found(goodRecords.toReversed(), { lock: lockOf(goodRecords) })).toEqual([]);
  });

  test("one token more fails and says which measure, from what to what, and in which seed", () => {
    const now = [withTokens({ system: 200, codeOutput: 501 }, { seed: 2 }), before[0] as CellRecord];
    const check = only(found(now, { lock: lockOf(before) }));
    expect(check).toMatchObject({
      about: "baseline",
      status: "failed",
      name: "sheet-filter, rows=1000, serverQuery=false, own tools, code-execution, policy minimal",
    });
    expect(check.changes).toEqual([
      { measure: "peakContext", seed: 2, before: 700, now: 701, grewIn: 1, shrankIn: 0, seeds: 2 },
      { measure: "billedInput", seed: 2, before: 1400, now: 1402, grewIn: 1, shrankIn: 0, seeds: 2 },
    ]);
    expect(check.why).toEqual([]);
    expect(check.messages).toEqual([
      `--why shows the cause and the tool or block. Mend what grew or, if it is meant, ${makeBaseline}`,
    ]);
  });

  test("why names the cause and the tool or block that grew, and what shrank with it", () => {
    const now = [before[0] as CellRecord, withTokens({ system: 190, codeOutput: 511 }, { seed: 2 })];
    expect(only(found(now, { lock: lockOf(before), why: true })).why[0]).toEqual({
      kind: "growth",
      measure: "peakContext",
      seed: 2,
      causes: [
        { cause: "codeOutput", tokens: 11, items: [{ name: "filter.ts", tokens: 11 }] },
        { cause: "system", tokens: -10, items: [{ name: "", tokens: -10 }] },
      ],
    });
  });

  test("of equal growth the lowest seed is shown, in whatever order the records stand", () => {
    const now = [2, 1].map((seed) => withTokens({ system: 200, codeOutput: 501 }, { seed }));
    expect(only(found(now, { lock: lockOf(before) })).changes[0]).toMatchObject({ seed: 1, grewIn: 2 });
  });

  test("fewer tokens pass with a notice to update", () => {
    const now = [before[0] as CellRecord, withTokens({ system: 200, codeOutput: 400 }, { seed: 2 })];
    const check = only(found(now, { lock: lockOf(before) }));
    expect(check.status).toBe("notice");
    expect(check.messages).toEqual([`Fewer tokens than the baseline. To keep it so, ${makeBaseline}`]);
  });

  test("growth in one measure is not made good by less in another", () => {
    const ledger = ledgerOf({ system: 200, codeOutput: 400 }, { answer: 101 });
    const now = [before[0] as CellRecord, codeRecord({ seed: 2 }, 0, { ledgers: [ledger], items: itemsOf(ledger) })];
    expect(only(found(now, { lock: lockOf(before) })).status).toBe("failed");
  });

  describe("of other cells", () => {
    const name = "sheet-filter, rows=1000, serverQuery=false, own tools, code-execution, policy minimal";
    const play =
      "Play the baseline's selection: mcp-code-bench run --baseline direct-tool-call --language javascript --policy minimal --output-schemas real --tools own --seeds 2 --profile claude-sonnet-5.5 --counter o200k_base --serialisation json";
    const cells = (records: readonly CellRecord[], asked: Asked) => {
      const check = only(found(records, asked));
      expect(check).toMatchObject({ about: "baseline", status: "failed", name: "the same cells as the baseline" });
      return check.messages;
    };

    test("of another selection, says what differs, then what plays the baseline's, then what makes a new one", () => {
      const lock = lockOf(before, { seeds: 2 });
      expect(
        cells(
          [1, 2, 3].map((seed) => before[seed - 1] ?? codeRecord({ seed })),
          { lock },
        ),
      ).toEqual([
        `Not in the baseline: seed 3 of ${name}.`,
        "This run was asked for --seeds 3, and the baseline for --seeds 2.",
        play,
        `Or ${makeBaseline}`,
      ]);
      expect(cells(before.slice(0, 1), { lock })).toEqual([
        `Not in this run: seed 2 of ${name}.`,
        "This run was asked for --seeds 3, and the baseline for --seeds 2.",
        play,
        `Or ${makeBaseline}`,
      ]);
    });

    test("groups of the same seeds share a line, and many are counted", () => {
      const extra = [5, 4, 3, 2, 1].flatMap((tools) => [2, 1].map((seed) => codeRecord({ tools, seed })));
      expect(cells([...extra, ...before], { lock: lockOf(before, { tools: [null, 400] }) }).slice(0, 2)).toEqual([
        `Not in the baseline: seeds 1, 2 of ${[1, 2, 3].map((tools) => name.replace("own", `${tools}`)).join("; ")} and 2 more.`,
        "This run was asked for --tools own, and the baseline for --tools own,400.",
      ]);
    });

    test("that a cut short run of the same selection lacks, are played by resuming it", () => {
      const [run, check] = found(before.slice(0, 1), { lock: lockOf(before), planned: 2 });
      expect(run?.messages).toContain("Play the rest: mcp-code-bench run --resume results/now");
      expect(check?.messages).toEqual([
        `Not in this run: seed 2 of ${name}.`,
        "The run was asked for the same, and was cut short.",
        "Play the rest: mcp-code-bench run --resume results/now",
      ]);
    });

    test("that a whole run of the same selection lacks, are explained by what is played, and what could not be", () => {
      expect(cells(before.slice(0, 1), { lock: lockOf(before) })).toEqual([
        `Not in this run: seed 2 of ${name}.`,
        "The run was asked for the same, so what there is to play has changed.",
        'Not planned: sandbox gvisor (runtime "runsc" not found).',
        `If that is meant, ${makeBaseline}`,
      ]);
      expect(cells(before, { lock: lockOf(before.slice(0, 1)) })).toEqual([
        `Not in the baseline: seed 2 of ${name}.`,
        "The run was asked for the same, so what there is to play has changed.",
        `If that is meant, ${makeBaseline}`,
      ]);
    });

    test("do not hide growth in those that both have", () => {
      const now = [withTokens({ system: 200, codeOutput: 501 }, { seed: 1 }), codeRecord({ seed: 7 })];
      const checks = found(now, { lock: lockOf(before, { seeds: 2 }) });
      expect(checks.map(({ name, status }) => [name, status])).toEqual([
        ["the same cells as the baseline", "failed"],
        [name, "failed"],
      ]);
    });
  });

  test("the same cells with other figures, asked for differently, fail with a warning that it may be the reason", () => {
    const lock = lockOf(before, { profile: "claude-sonnet-4.5" });
    expect(found(before, { lock })).toEqual([]);
    const [warning, failed] = found([withTokens({ system: 201, codeOutput: 500 }, { seed: 1 }), before[1] as CellRecord], {
      lock,
    });
    expect(failed?.status).toBe("failed");
    expect(warning).toMatchObject({ name: "asked for the same as the baseline", status: "warning" });
    expect(warning?.messages.slice(0, 2)).toEqual([
      "This run was asked for --profile claude-sonnet-5.5, and the baseline for --profile claude-sonnet-4.5.",
      "Figures may differ for this reason alone.",
    ]);
  });

  test("a cell that did not pass fails", () => {
    const { schemaVersion, key } = codeRecord({ seed: 2 });
    const broken: CellRecord = { schemaVersion, key, machine: "m1", status: "model-error", code: "x", message: "y" };
    expect(only(found([before[0] as CellRecord, broken], { lock: lockOf(before) })).messages[0]).toContain(
      "seed 2 (model-error)",
    );
  });

  test.each([
    ["counter", withTokens({ system: 200, codeOutput: 500 }, { seed: 1 }, "cl100k_base"), "cl100k_base json, ledger rules 2"],
    [
      "serialisation",
      codeRecord({ seed: 1 }, 0, { ledgers: [ledgerOf({}, {}, { serialisation: "raw" })], items: [] }),
      "o200k_base raw",
    ],
    [
      "version of the rules",
      codeRecord({ seed: 1 }, 0, { ledgers: [{ ...ledgerOf({}, {}), version: 3 }], items: [] }),
      "o200k_base json, ledger rules 3",
    ],
  ])("figures of another %s fail", (_, record, held) => {
    const check = only(found([record], { lock: lockOf(before.slice(0, 1)) }));
    expect(check.status).toBe("failed");
    expect(check.messages[0]).toContain(`1 record without figures of o200k_base json, ledger rules 2; there they are of ${held}`);
    // No selection of this version plays figures of older rules.
    expect(check.messages.slice(1)).toEqual(
      held.endsWith("rules 3")
        ? [`The rules of counting are others now: ${makeBaseline}`]
        : [
            expect.stringMatching(/^Play the baseline's selection: .* --counter o200k_base --serialisation json$/),
            `Or ${makeBaseline}`,
          ],
    );
  });

  test("seeds are named the lowest first, as numbers, in whatever order the records stand", () => {
    const seeds = [10, 9, 1, 100].map((seed) => codeRecord({ seed }));
    const [check] = found(seeds, { lock: lockOf([codeRecord({ seed: 1 })]) });
    expect(check?.messages[0]).toContain("seeds 9, 10, 100");
    const [missing] = found([codeRecord({ seed: 1 })], { lock: lockOf(seeds) });
    expect(missing?.messages[0]).toContain("seeds 9, 10, 100");
    const broken = seeds.map(
      ({ schemaVersion, key }): CellRecord => ({
        schemaVersion,
        key,
        machine: "m1",
        status: "model-error",
        code: "x",
        message: "",
      }),
    );
    expect(found(broken, { lock: lockOf(seeds) })[0]?.messages[0]).toContain(
      "seed 1 (model-error), seed 9 (model-error), seed 10 (",
    );
  });

  test("controls have no part in it", () => {
    const controls = [codeRecord({ seed: 9, role: "self-control" }), codeRecord({ seed: 8, role: "echo-control" })];
    expect(found([...before, ...controls], { lock: lockOf(before) })).toEqual([]);
  });

  test("another sandbox is comparable, and parameters may stand in another order", () => {
    const now = codeRecord({ sandbox: "subprocess", params: { serverQuery: false, rows: 1000 } });
    expect(found([now], { lock: lockOf([codeRecord()]) })).toEqual([]);
  });
});

describe("a record whose figures do not add up is refused", () => {
  const [json, raw] = directRecord().ledgers as [Ledger, Ledger];
  const withLedger = (changes: object) => ({ ...directRecord(), ledgers: [json, { ...raw, ...changes }] });
  const withRow = (measure: string, row: unknown) => withLedger({ table: { ...raw.table, [measure]: row } });
  const problem = (record: object) => {
    const [issue] = gatedRecord.safeParse(record).error?.issues ?? [];
    return issue === undefined ? undefined : `${issue.path.join(".")}: ${issue.message}`;
  };

  test("and one whose figures add up is not", () => {
    for (const record of goodRecords) expect(problem(record)).toBeUndefined();
  });

  test.each(measures.map((measure) => [measure]))("totals of %s, in every ledger, passed or not", (measure) => {
    const spoilt = withLedger({ totals: { ...raw.totals, [measure]: raw.totals[measure] + 1 } });
    const [now, before] = [raw.totals[measure] + 1, raw.totals[measure]].map((tokens) => tokens.toLocaleString("en-US"));
    const message = `ledgers.1.totals.${measure}: ${now}, and its table adds up to ${before}`;
    expect(problem(spoilt)).toBe(message);
    const { measured: _, ...failed } = spoilt;
    expect(problem({ ...failed, status: "failed" })).toBe(message);
  });

  test.each([
    ["no table", withLedger({ table: undefined }), "ledgers.1.table: expected tokens by measure and cause"],
    ["a row that is no table", withRow("warmUncached", 5), "ledgers.1.table.warmUncached: expected tokens by cause"],
    ["a missing row", withRow("warmUncached", undefined), "ledgers.1.table.warmUncached: expected tokens by cause"],
    ["an unknown cause", withRow("peakContext", { tea: 10_000 }), "ledgers.1.table.peakContext.tea: is not a cause"],
    [
      "half a token",
      withRow("peakContext", { system: 9999.5, prompt: 0.5 }),
      "ledgers.1.table.peakContext.system: expected a whole number of tokens",
    ],
    [
      "less than no token",
      withRow("peakContext", { system: 10_001, prompt: -1 }),
      "ledgers.1.table.peakContext.prompt: expected a whole number of tokens",
    ],
  ])("%s", (_, record, message) => {
    expect(problem(record)).toBe(message);
  });

  test.each(itemMeasures.map((measure) => [measure]))("items against the primary ledger, %s", (measure) => {
    const record = directRecord();
    const [cause, tokens] = Object.entries(json.table[measure])[0] as [string, number];
    const shown = (value: number) => value.toLocaleString("en-US");
    const items = record.items.map((item) => (item.cause === cause ? { ...item, [measure]: item[measure] + 1 } : item));
    expect(problem({ ...record, items })).toBe(
      `items: ${cause} adds up to ${shown(tokens + 1)} in ${measure}, and the first ledger's table has ${shown(tokens)}`,
    );
  });

  test("items of a cause that the table does not have, and a cause without items", () => {
    const record = directRecord();
    const extra = { cause: "handoff", name: "", peakContext: 0, billedInput: 0, billedOutput: 7 };
    expect(problem({ ...record, items: [...record.items, extra] })).toBe(
      "items: handoff adds up to 7 in billedOutput, and the first ledger's table has none",
    );
    expect(problem({ ...record, items: record.items.filter(({ cause }) => cause !== "answer") })).toBe(
      "items: answer adds up to 0 in billedOutput, and the first ledger's table has 100",
    );
  });

  test("tokens that moved from one cause to another, with every total unchanged", () => {
    const moved = { ...json.table, peakContext: { toolDefinitions: 900, toolResults: 9100 } };
    expect(problem({ ...directRecord(), ledgers: [{ ...json, table: moved }, raw] })).toBe(
      "items: toolDefinitions adds up to 1,000 in peakContext, and the first ledger's table has 900",
    );
  });
});

describe("the run", () => {
  test("with fewer records than planned cells fails", () => {
    expect(only(found(goodRecords, { planned: 10 })).messages).toEqual([
      "No record for 1 of 10 planned cells.",
      'Not planned: sandbox gvisor (runtime "runsc" not found).',
      "Play the rest: mcp-code-bench run --resume results/now",
    ]);
  });

  test("without any record fails", () => {
    expect(only(found([], { planned: 10 })).status).toBe("failed");
  });

  test("that was cut short fails even where no whole record is missing", () => {
    expect(only(found(goodRecords, { torn: true })).messages[0]).toContain("The last record is incomplete");
  });

  test("with one record twice fails, also where the number is as planned", () => {
    const twice = [directRecord({ seed: 1 }), directRecord({ seed: 1 })];
    expect(only(found(twice, {})).messages).toEqual([
      "No record for 1 of 2 planned cells.",
      "1 record for a cell that has one already.",
      'Not planned: sandbox gvisor (runtime "runsc" not found).',
      "Play the run again.",
    ]);
  });

  test("whose tokens depend on the sandbox fails", () => {
    const check = only(found([codeRecord(), codeRecord({ sandbox: "subprocess" }, 1)], {}));
    expect(check.name).toBe("equal work has equal tokens");
    expect(check.messages[0]).toContain("1001/2002/500 on subprocess");
  });

  test("names work whose tokens depend on the sandbox by seed, the lowest first", () => {
    const played = [10, 9, 100].flatMap((seed) => [codeRecord({ seed }), codeRecord({ seed, sandbox: "subprocess" }, 1)]);
    const seeds = only(found(played, {})).messages.map((line) => /seed \d+/.exec(line)?.[0]);
    expect(seeds.slice(0, 3)).toEqual(["seed 9", "seed 10", "seed 100"]);
  });
});

describe("budgets", () => {
  const budget = { scenario: "sheet-filter", mode: "code-execution", measure: "peakContext", limit: "1 k" };
  const judged = (records: readonly CellRecord[], changes: object = {}, why = false) =>
    only(allChecks(records, { budgets: [{ ...budget, ...changes }], why }).filter(({ about }) => about === "budget"));

  test("tokens at the limit pass, one more fails", () => {
    expect(judged([codeRecord()]).status).toBe("passed");
    const over = judged([codeRecord(), codeRecord({ seed: 2 }, 1)]);
    expect(over.status).toBe("failed");
    expect(over.messages).toEqual([
      "1,001 tokens of 1,000 at most: 1 too many, in 1 of 2 cells.",
      "Most in sheet-filter, rows=1000, serverQuery=false, own tools, code-execution, policy minimal, seed 2, o200k_base json, ledger rules 2.",
      "--why shows what the tokens are. Mend what costs too much, or raise the limit in budgets.json.",
    ]);
  });

  test("why lists what the worst cell's tokens are", () => {
    expect(judged([codeRecord({}, 1)], {}, true).why).toMatchObject([
      {
        kind: "content",
        causes: [
          { cause: "codeOutput", tokens: 501, items: [{ name: "filter.ts" }] },
          { cause: "discovery" },
          { cause: "system" },
        ],
      },
    ]);
  });

  test.each([
    [{ scenario: "sheet-fliter" }, "None has scenario sheet-fliter. Did you mean sheet-filter? There is: sheet-filter."],
    [{ mode: "direct" }, "None has mode direct."],
    [{ params: { rows: 10 } }, "None has parameter rows 10. There is: 1000."],
    [{ params: { nothing: true } }, "None has parameter nothing true. There is: null."],
    [{ tools: 400 }, "None has tools 400. Did you mean own?".slice(0, 19)],
    [{ policy: "thorough" }, "None has policy thorough. There is: minimal."],
    [{ sandbox: "gvisor" }, "None of them ran on sandbox gvisor."],
    [{ counter: "cl100k_base" }, "Their figures are of o200k_base json, ledger rules 2; o200k_base raw, ledger rules 2."],
  ])("one that matches no record fails and says what there is: %j", (changes, message) => {
    const check = judged([codeRecord()], changes);
    expect(check.status).toBe("failed");
    expect(check.messages[0]).toContain(`Matches no record. ${message}`);
  });

  test.each([
    [{ policy: "minimal" }, "None has a policy: leave it out."],
    [{ outputSchemas: "none" }, "None has output schemas: leave it out."],
  ])("one that names a choice of a mode that leaves none says so: %j", (changes, message) => {
    const check = judged([codeRecord(), directRecord()], { mode: "direct-tool-call", ...changes });
    expect(check.messages[0]).toBe(`Matches no record. ${message}`);
  });

  test("numbers that there are stand in order", () => {
    const records = [400, 50].map((tools) => codeRecord({ tools }));
    expect(judged(records, { tools: 40 }).messages[0]).toBe("Matches no record. None has tools 40. There is: 50, 400.");
  });

  test("narrows by parameters, tools, policy, output schemas, counter and serialisation", () => {
    const other = { tools: 400, policy: "thorough", outputSchemas: "none", params: { rows: 5 } } as const;
    const records = [codeRecord(), codeRecord(other, 5000)];
    expect(judged(records).status).toBe("failed");
    const narrows = [{ tools: "own" }, { policy: "minimal" }, { outputSchemas: "real" }, { params: { rows: 1000 } }];
    for (const narrow of narrows) {
      expect(judged(records, narrow).status).toBe("passed");
    }
    const billed = { measure: "billed", limit: 2400 };
    expect(judged([codeRecord()], billed).status).toBe("failed");
    expect(judged([codeRecord()], { ...billed, serialisation: "raw" }).status).toBe("passed");
  });

  describe("and bounds", () => {
    const records = [
      codeRecord(),
      codeRecord({ policy: "thorough", role: "bound" }, 2000),
      codeRecord({ outputSchemas: "none", role: "bound" }, 3000),
    ];
    const seen = (changes: object) => judged(records, { limit: 1, ...changes }).messages[0];

    test("one that names no choice is about the figures alone", () => {
      expect(seen({})).toBe("1,000 tokens of 1 at most: 999 too many, in 1 of 1 cell.");
    });

    test("one that names the figures' own choice is about the figures alone", () => {
      for (const changes of [{ policy: "minimal" }, { outputSchemas: "real" }])
        expect(seen(changes)).toContain("in 1 of 1 cell.");
    });

    test("one that names the choice in which a bound differs is about that bound", () => {
      expect(seen({ policy: "thorough" })).toBe("3,000 tokens of 1 at most: 2,999 too many, in 1 of 1 cell.");
      expect(seen({ outputSchemas: "none" })).toBe("4,000 tokens of 1 at most: 3,999 too many, in 1 of 1 cell.");
      expect(seen({ policy: "minimal", outputSchemas: "none" })).toContain("in 1 of 1 cell.");
    });
  });

  test("no control is judged by one", () => {
    const control = codeRecord({ role: "self-control" }, 5000);
    expect(judged([codeRecord(), control]).messages[0]).toBe("1,000 tokens of 1,000 at most, in 1 cell.");
    const echo = judged([codeRecord(), codeRecord({ mode: "code-execution-echo", role: "echo-control" })], {
      mode: "code-execution-echo",
    });
    expect(echo.messages[0]).toBe("Matches no record. None has mode code-execution-echo. There is: code-execution.");
  });

  test("a cell that did not pass fails a token budget: its tokens mean nothing", () => {
    const { schemaVersion, key } = codeRecord({ seed: 2 });
    expect(
      judged([codeRecord(), { schemaVersion, key, machine: "m1", status: "limit-exceeded", limit: "memory", message: "" }])
        .status,
    ).toBe("failed");
  });

  test("success is at least the limit, error rate at most", () => {
    const { measured: _, status: __, ...played } = codeRecord({ seed: 2 });
    const failed: CellRecord = {
      ...played,
      status: "failed",
      calls: [{ server: "s", tool: "t", calls: 10, errors: 1, argumentBytes: 0, resultBytes: 0 }],
    };
    const records = [codeRecord(), failed];
    expect(judged(records, { measure: "success", limit: "50%" }).status).toBe("passed");
    expect(judged(records, { measure: "success", limit: "50.01%" }).messages[0]).toContain("1 of 2 cells passed (50.00%)");
    expect(judged(records, { measure: "success", limit: "50.01%" }).status).toBe("failed");
    expect(judged(records, { measure: "errorRate", limit: "5%" }).status).toBe("passed");
    expect(judged(records, { measure: "errorRate", limit: "0%" }).messages[0]).toContain("1 of 20 tool calls failed (5.00%)");
    expect(judged(records, { measure: "errorRate", limit: "0%" }).status).toBe("failed");
  });

  test("time is judged by the median and only warns", () => {
    const records = [10, 20, 900].map((playMs, seed) =>
      codeRecord({ seed }, 0, { measured: { ...codeRecord().measured, playMs } }),
    );
    expect(judged(records, { measure: "playMs", limit: "20 ms" }).status).toBe("passed");
    expect(judged(records, { measure: "playMs", limit: "19 ms" }).status).toBe("warning");
  });
});

test("every failed check ends in what to do next", () => {
  const { schemaVersion, key } = codeRecord({ seed: 2 });
  const broken: CellRecord = { schemaVersion, key, machine: "m1", status: "model-error", code: "x", message: "" };
  const grown = withTokens({ system: 1 }, { seed: 1 });
  const budget = { scenario: "sheet-filter", mode: "code-execution" };
  const budgets = [
    ...["peakContext", "billed", "coldCacheRead"].map((measure) => ({ ...budget, measure, limit: 0 })),
    { ...budget, measure: "success", limit: "100%" },
    { ...budget, measure: "errorRate", limit: "0%" },
    { ...budget, measure: "errorRate", limit: "0%", sandbox: "subprocess" },
    { ...budget, measure: "billed", limit: 1, mode: "none" },
  ];
  const failing = codeRecord({ seed: 3 }, 0, {
    calls: [{ server: "s", tool: "t", calls: 1, errors: 1, argumentBytes: 0, resultBytes: 0 }],
  });
  const callless = codeRecord({ seed: 1, sandbox: "subprocess" }, 4, { calls: [] });
  const records = [broken, grown, failing, callless, callless, withTokens({}, { seed: 4 }, "cl100k_base")];
  const lock = lockOf(
    [1, 2, 3, 4, 5].map((seed) => codeRecord({ seed })),
    { seeds: 5 },
  );
  for (const why of [true, false]) {
    const checks = allChecks(records, { budgets, lock, why, planned: 9, torn: true });
    const failed = checks.filter(({ status }) => status === "failed");
    expect(failed).toHaveLength(12);
    for (const { messages } of failed) {
      expect(messages.at(-1)).toMatch(
        /(mcp-code-bench (gate|run|report) .*results\/now|raise the limit in budgets\.json\.|^Correct the budget|^Name work|^Play (it|the run) again)/,
      );
    }
  }
});

describe("the lockfile", () => {
  const lock = lockOf(goodRecords);

  test("gives back every figure and item, and equal locks give equal bytes", () => {
    const text = lockText(lock);
    expect(parseLock(text, "a.json")).toEqual(lock);
    expect(lockText(lockOf(goodRecords.toReversed()))).toBe(text);
    expect(text.endsWith("}\n")).toBe(true);
  });

  test("seeds are in order, as numbers, also when the records or the file have them otherwise", () => {
    const [ten, nine, one] = [10, 9, 1].map((seed, more) => codeRecord({ seed }, more)) as [CellRecord, CellRecord, CellRecord];
    const seeds = (of: Lock) => [...(of.groups.values().next().value?.seeds.keys() ?? [])];
    const unsorted = lockOf([ten, one, nine]);
    expect(seeds(unsorted)).toEqual([1, 9, 10]);
    const lines = lockText(unsorted).split("\n");
    const [first, second, third] = lines.filter((line) => line.includes('"seed":'));
    expect([first, second, third].map((line) => /"seed":\d+/.exec(line ?? "")?.[0])).toEqual([
      '"seed":1',
      '"seed":9',
      '"seed":10',
    ]);
    const at = lines.indexOf(second ?? "");
    const swapped = lines
      .with(at, `${third},`)
      .with(at + 1, (second ?? "").slice(0, -1))
      .join("\n");
    const again = parseLock(swapped, "a.json");
    expect(seeds(again)).toEqual([1, 9, 10]);
    expect(lockText(again)).toBe(lockText(unsorted));
  });

  test("writes a line a seed, and the items of later seeds only where they differ", () => {
    const second = codeRecord({ seed: 2 }, 1);
    const ledger = ledgerOf({ system: 200 }, {});
    const third = codeRecord({ seed: 3 }, 0, { ledgers: [ledger], items: itemsOf(ledger) });
    const text = lockText(lockOf([codeRecord(), second, third]));
    expect(text.split("\n").slice(5)).toMatchInlineSnapshot(`
      [
        "  "selection": {"scenarios":[],"modes":[],"baseline":"direct-tool-call","models":[],"languages":["javascript"],"policies":["minimal"],"outputSchemas":["real"],"bounds":true,"tools":[null],"params":[],"seeds":3,"profile":"claude-sonnet-5.5","catalogue":null},",
        "  "measures": ["peakContext","billedInput","billedOutput"],",
        "  "groups": [",
        "    {"scenario":"sheet-filter","params":{"rows":1000,"serverQuery":false},"tools":null,"model":"scripted","mode":"code-execution","policy":"minimal","outputSchemas":"real","language":"javascript","seeds":[",
        "      {"seed":1,"tokens":[1000,2000,500],"items":[["system","",200,400,0],["discovery","list-servers",300,600,0],["code","filter.ts",0,0,400],["codeOutput","filter.ts",500,1000,0],["answer","",0,0,100]]},",
        "      {"seed":2,"tokens":[1001,2002,500],"items":[["codeOutput","filter.ts",501,1002,0]]},",
        "      {"seed":3,"tokens":[200,400,0],"items":[["discovery","list-servers",0,0,0],["code","filter.ts",0,0,0],["codeOutput","filter.ts",0,0,0],["answer","",0,0,0]]}",
        "    ]}",
        "  ]",
        "}",
        "",
      ]
    `);
    expect(parseLock(text, "a.json").groups.values().next().value?.seeds.get(3)?.items).toEqual(third.items);
  });

  test("holds no control", () => {
    expect([...lockOf([codeRecord(), codeRecord({ seed: 9, role: "self-control" })]).groups.values()][0]?.seeds.size).toBe(1);
    expect([...lock.groups.values()].map(({ group }) => group.mode).toSorted()).toEqual([
      "code-execution",
      "code-execution",
      "direct-tool-call",
    ]);
  });

  test.each([
    ["not JSON", (text: string) => text.slice(0, -5), "not valid JSON"],
    [
      "of another version",
      (text: string) => text.replace('"lockVersion": 3', '"lockVersion": 1'),
      "lock version 1, and this program reads 3. Write it again with",
    ],
    ["with a wrong figure", (text: string) => text.replace(/"tokens":\[\d+/, '"tokens":[-1'), "groups.0.seeds.0.tokens.0: "],
    ["with other measures", (text: string) => text.replace("peakContext", "peak"), "measures: expected peakContext"],
    [
      "with another figure of the first seed",
      (text: string) => text.replace('"tokens":[1000,2000,500]', '"tokens":[1000,2001,500]'),
      "groups.0.seeds.0: billedInput of seed 1 is 2,001, and its items add up to 2,000",
    ],
    [
      "with another figure of a later seed",
      (text: string) => text.replace('"seed":2,"tokens":[1000,', '"seed":2,"tokens":[999,'),
      "groups.0.seeds.1: peakContext of seed 2 is 999, and its items add up to 1,000",
    ],
    [
      "with another item of a later seed",
      (text: string) => text.replace('500],"items":[]', '500],"items":[["answer","",0,0,99]]'),
      "groups.0.seeds.1: billedOutput of seed 2 is 500, and its items add up to 499",
    ],
    ["with a seed twice", (text: string) => text.replace('"seed":2', '"seed":1'), "groups.0: stands there a second time"],
  ])("%s is an error that names the place and the fix", (_, spoil, problem) => {
    const twoSeeds = lockOf([codeRecord(), codeRecord({ seed: 2 })]);
    expect(() => parseLock(spoil(lockText(twoSeeds)), "tokens.lock.json")).toThrow(`tokens.lock.json: ${problem}`);
    expect(() => parseLock(spoil(lockText(twoSeeds)), "tokens.lock.json")).toThrow("gate --update");
  });

  test("names of tools and parameters are data, whatever they are", () => {
    const ledger = ledgerOf({ toolResults: 1 }, {});
    const items = itemsOf(ledger).map((item) => ({ ...item, name: "__proto__" }));
    const params = JSON.parse('{"__proto__":"x","constructor":1}');
    const odd = lockOf([codeRecord({ params }, 0, { ledgers: [ledger], items })]);
    const again = parseLock(lockText(odd), "a.json");
    expect([...again.groups.values()][0]?.seeds.get(1)?.items).toEqual(items);
  });
});
