/** Records against budgets. Each record is judged as it comes; of many over a limit the worst is kept. */
import { choiceText } from "../../contract/index.ts";
import { quantile, sorted } from "../../reports/figures/statistics/quantile.ts";
import { type GatedCell, type GatedLedger, type GatedRecord, groupName, ledgerName } from "./cells.ts";
import { type Budget, choiceAxes, type TokenMeasure } from "./files/budgets.ts";
import type { NextSteps } from "./next-steps.ts";
import { type Check, type CheckStatus, counted, number, type Why } from "./report.ts";
import { boundBy, type Compared, isControl } from "./roles.ts";
import { type Present, whatIsThere } from "./what-is-there.ts";
import { content, toldMeasures } from "./why.ts";

export interface BudgetJudge {
  add(cell: GatedCell): void;
  /** One check a budget, in the file's order. `present` is for a budget that matches no record. */
  checks(present: Present): readonly Check[];
}

export interface BudgetQuestions {
  /** Also keep what the worst cell's tokens are. */
  readonly why: boolean;
  readonly compared: Compared;
  readonly nextSteps: NextSteps;
}

export function createBudgetJudge(budgets: readonly Budget[], questions: BudgetQuestions): BudgetJudge {
  const tallies = budgets.map((budget) => createBudgetTally(budget, questions));
  return {
    add({ record }) {
      for (const tally of tallies) tally.add(record);
    },
    checks: (present) => tallies.map((tally) => tally.check(present)),
  };
}

function createBudgetTally(budget: Budget, { why, compared, nextSteps }: BudgetQuestions) {
  const { of, limit } = budget;
  let matched = 0;
  let passed = 0;
  let over = 0;
  const calls = { made: 0, failed: 0 };
  const samplesMs: number[] = [];
  let worst:
    | { readonly tokens: number; readonly where: string; readonly why: readonly Why[]; readonly explicable: boolean }
    | undefined;
  const kindOf = { tokens: tokenVerdict, time: timeVerdict, errorRate: errorVerdict, success: successVerdict };

  return {
    add(record: GatedRecord): void {
      if (!matchesCell(budget, record, compared)) return;
      const ledger = matchingLedger(budget, record);
      if ("ledgers" in record && ledger === undefined) return;
      matched++;
      if ("calls" in record) {
        for (const count of record.calls) {
          calls.made += count.calls;
          calls.failed += count.errors;
        }
      }
      if (record.status !== "passed") return;
      passed++;
      if (of.kind === "time") {
        const ms = record.measured[of.measure];
        if (ms !== null) samplesMs.push(ms);
      }
      if (of.kind === "tokens" && ledger !== undefined) weigh(record, ledger, of.measure);
    },

    check(present: Present): Check {
      const [status, ...messages]: Verdict =
        matched === 0
          ? ["failed", `Matches no record. ${whatIsThere(budget, present)}`, "Correct the budget, or play what it names."]
          : kindOf[of.kind]();
      const shown = status === "passed" || worst === undefined ? [] : worst.why;
      return { about: "budget", name: budgetName(budget), status, messages, changes: [], why: shown };
    },
  };

  function weigh(record: Extract<GatedRecord, { status: "passed" }>, ledger: GatedLedger, measure: TokenMeasure): void {
    const { totals } = ledger;
    const tokens = measure === "billed" ? totals.billedInput + totals.billedOutput : totals[measure];
    if (tokens > limit) over++;
    if (worst !== undefined && tokens < worst.tokens) return;
    const { seed } = record.key;
    const where = `${groupName(record.key)}, seed ${seed}, ${ledgerName(ledger)}`;
    // Of equal ones always the same, whatever the order of the records.
    if (tokens === worst?.tokens && where >= worst.where) return;
    const told = ledger === record.ledgers[0] ? toldMeasures(measure) : [];
    worst = {
      tokens,
      where,
      why: why && tokens > limit ? told.map((one) => content(one, seed, record.items)) : [],
      explicable: told.length > 0,
    };
  }

  function tokenVerdict(): Verdict {
    const bad = matched - passed;
    const unknown =
      bad === 0
        ? []
        : [`${number(bad)} of ${counted(matched, "cell")} did not pass, so their tokens mean nothing.`, nextSteps.seeFailures];
    if (worst === undefined) return ["failed", ...unknown];
    const figure = `${number(worst.tokens)} tokens of ${number(limit)} at most`;
    if (worst.tokens <= limit)
      return bad === 0 ? ["passed", `${figure}, in ${counted(matched, "cell")}.`] : ["failed", ...unknown];
    return [
      "failed",
      `${figure}: ${number(worst.tokens - limit)} too many, in ${number(over)} of ${counted(matched, "cell")}.`,
      `Most in ${worst.where}.`,
      ...unknown,
      `${worst.explicable && !why ? "--why shows what the tokens are. " : ""}Mend what costs too much, or ${nextSteps.raiseLimit}`,
    ];
  }

  function timeVerdict(): Verdict {
    if (samplesMs.length === 0) return ["warning", "No matching cell has this time."];
    const middle = quantile(sorted(samplesMs), 0.5);
    const figure = `median ${middle.toFixed(1)} ms of ${number(limit)} ms at most, over ${counted(samplesMs.length, "cell")}`;
    return middle <= limit
      ? ["passed", `${figure}.`]
      : ["warning", `${figure}. Times depend on the machine, so this only warns.`];
  }

  function errorVerdict(): Verdict {
    if (calls.made === 0)
      return [
        "failed",
        "The matching cells made no tool call, so there is no rate.",
        "Name work that calls tools, or take the budget out.",
      ];
    const figure = `${number(calls.failed)} of ${counted(calls.made, "tool call")} failed (${percent(calls.failed, calls.made)}); ${number(limit)}% at most`;
    if (100 * calls.failed <= limit * calls.made) return ["passed", `${figure}.`];
    return ["failed", `${figure}.`, `Mend the calls that fail, or ${nextSteps.raiseLimit}`];
  }

  function successVerdict(): Verdict {
    const figure = `${number(passed)} of ${counted(matched, "cell")} passed (${percent(passed, matched)}); ${number(limit)}% at least`;
    return 100 * passed >= limit * matched ? ["passed", `${figure}.`] : ["failed", `${figure}.`, nextSteps.seeFailures];
  }
}

type Verdict = readonly [CheckStatus, ...string[]];

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)}%`;

/** A bound is judged only by a budget that names the choice in which it differs from the figures. */
function matchesCell(budget: Budget, { key }: GatedRecord, compared: Compared): boolean {
  const bound = boundBy(key, compared);
  return (
    !isControl(key) &&
    bound.every((axis) => budget[axis] !== undefined) &&
    budget.scenario === key.scenario &&
    budget.mode === key.mode &&
    (budget.tools === undefined || (budget.tools === "own" ? null : budget.tools) === key.tools) &&
    choiceAxes.every((axis) => budget[axis] === undefined || budget[axis] === key[axis]) &&
    Object.entries(budget.params ?? {}).every(([name, value]) => Object.hasOwn(key.params, name) && key.params[name] === value)
  );
}

/** The primary one, unless the budget names a counter or serialisation. */
function matchingLedger({ counter, serialisation }: Budget, record: GatedRecord): GatedLedger | undefined {
  if (!("ledgers" in record)) return undefined;
  return record.ledgers.find(
    (ledger) =>
      (counter === undefined || counter === ledger.counter) &&
      (serialisation === undefined || serialisation === ledger.serialisation),
  );
}

/** `drive-to-salesforce (minutes=30), code-execution, own tools: peakContext at most 2 k`. */
function budgetName(budget: Budget): string {
  const { scenario, mode, params, tools, counter, serialisation, of, limitText } = budget;
  const given = Object.entries(params ?? {}).map(([name, value]) => `${name}=${value}`);
  const where = [
    given.length === 0 ? scenario : `${scenario} (${given.join(", ")})`,
    mode,
    ...(tools === undefined ? [] : [`${tools} tools`]),
    ...choiceAxes.flatMap((axis) => (budget[axis] === undefined ? [] : [choiceText(budget, axis)])),
    ...[counter, serialisation].filter((word) => word !== undefined),
  ];
  return `${where.join(", ")}: ${of.measure} at ${of.kind === "success" ? "least" : "most"} ${limitText}`;
}
