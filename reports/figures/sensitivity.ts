/** How far a reduction depends on the tokenizer and on how a block becomes text. */
import {
  type CellRecord,
  type Ledger,
  pick,
  type RunInfo,
  type Subject,
  subjectAxes,
  type Way,
  wayAxes,
} from "../../contract/index.ts";
import { billed, compareSubjects, groupBy, isFigure, type Pair, pairsOf, sameLedger, subjectName, wayName } from "./pairs.ts";
import { type Reduction, reductionOver } from "./reduction.ts";
import { type Robust, type Robustness, robustIn } from "./robustness.ts";
import { compareWays } from "./ways.ts";

/** Reductions over seeds, under one counter and serialisation. */
export interface SensitivityRow extends Pick<Ledger, "counter" | "serialisation"> {
  readonly peakContext: Reduction;
  readonly billed: Reduction;
}

export interface Sensitivity extends Subject, Way {
  /** In the order of the record's ledgers: the first is primary. */
  readonly rows: readonly SensitivityRow[];
}

/** One table for each subject: its first way, since tokens are the same on every sandbox. */
export function sensitivityOf(
  run: RunInfo,
  records: readonly CellRecord[],
  robustness: readonly Robustness[],
): readonly Sensitivity[] {
  const inOrder = compareWays(run);
  return groupBy(pairsOf(run, records.filter(isFigure)), ({ compared }) => subjectName(compared.key))
    .map((pairs) => {
      const [lead = pairs[0]] = pairs.toSorted((a, b) => inOrder(a.compared.key, b.compared.key));
      const own = pairs.filter(({ compared }) => wayName(compared.key) === wayName(lead.compared.key));
      const robust = robustIn(robustness, lead.compared.key);
      const rows = lead.compared.ledgers.flatMap((ledger) => rowOf(ledger, own, robust));
      return { ...pick(lead.compared.key, [...subjectAxes, ...wayAxes]), rows };
    })
    .toSorted(compareSubjects);
}

function rowOf(like: Ledger, pairs: readonly Pair[], robust: Robust): SensitivityRow[] {
  const ledgers = pairs.flatMap((pair) => {
    const baseline = sameLedger(pair.baseline, like);
    const compared = sameLedger(pair.compared, like);
    return baseline === undefined || compared === undefined ? [] : [{ baseline, compared }];
  });
  const fits = ledgers.every(({ baseline, compared }) => baseline.exceedsWindowAt === null && compared.exceedsWindowAt === null);
  const peakContext = reductionOver(ledgers, ({ totals }) => totals.peakContext);
  const all = reductionOver(ledgers, billed);
  if (peakContext === null || all === null) return [];
  const { counter, serialisation } = like;
  return [
    {
      counter,
      serialisation,
      peakContext: { ...peakContext, fits, robust: robust("peakContext") },
      billed: { ...all, fits, robust: robust("billed") },
    },
  ];
}
