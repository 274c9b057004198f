/** One pass over a run's records: every judge sees each record as it comes. */
import type { RunInfo } from "../../contract/index.ts";
import { createBaselineJudge } from "./baseline.ts";
import { createBudgetJudge } from "./budget-judge.ts";
import { type GatedRecord, groupKey } from "./cells.ts";
import type { Budget } from "./files/budgets.ts";
import type { Lock } from "./files/lockfile.ts";
import type { NextSteps } from "./next-steps.ts";
import type { Check } from "./report.ts";
import type { Selection } from "./selection.ts";
import { createTally } from "./tally.ts";

export interface GateQuestions {
  readonly run: Pick<RunInfo, "plannedCells" | "skipped" | "config">;
  readonly selection: Selection;
  readonly budgets: readonly Budget[];
  readonly lock: Lock | undefined;
  /** Also say which cause and item it was. */
  readonly why: boolean;
  readonly nextSteps: NextSteps;
}

export interface Gate {
  add(record: GatedRecord): void;
  /** Records of cells in which this program failed, not the work. */
  harnessErrors(): number;
  /** @param torn a piece of a line follows the last record */
  checks(torn: boolean): readonly Check[];
}

export function createGate({ run, selection, budgets, lock, why, nextSteps }: GateQuestions): Gate {
  const tally = createTally(run, nextSteps);
  const budgetJudge = createBudgetJudge(budgets, { why, compared: run.config, nextSteps });
  const baselineJudge =
    lock === undefined ? undefined : createBaselineJudge(lock, { why, selection, skipped: run.skipped, nextSteps });
  return {
    add(record) {
      const cell = { record, group: groupKey(record.key) };
      tally.add(cell);
      budgetJudge.add(cell);
      baselineJudge?.add(cell);
    },
    harnessErrors: tally.harnessErrors,
    checks: (torn) => [
      ...tally.checks(torn),
      ...budgetJudge.checks({ groups: [...tally.groups.values()], ledgers: [...tally.ledgers] }),
      ...(baselineJudge?.checks({ whole: tally.isWhole() && !torn }) ?? []),
    ],
  };
}
