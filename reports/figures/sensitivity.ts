/** How far a reduction depends on the tokenizer and on how a block becomes text. */
import type { CellRecord, Ledger, RunInfo } from "../../contract/index.ts";
import {
  billed,
  compareSubjects,
  groupBy,
  isFigure,
  type Pair,
  type PlayedWay,
  pairsOf,
  type Subject,
  sameLedger,
  subjectName,
  wayName,
} from "./pairs.ts";
import { type Reduction, reductionOver } from "./reduction.ts";
import { type Robust, type Robustness, robustIn } from "./robustness.ts";
import { compareWays } from "./ways.ts";

/** Reductions over seeds, under one counter and serialisation. */
export interface SensitivityRow extends Pick<Ledger, "counter" | "serialisation"> {
  readonly peakContext: Reduction;
  readonly billed: Reduction;
}

export interface Sensitivity extends Subject, PlayedWay {
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
  return groupBy(pairsOf(records.filter(isFigure)), ({ code }) => subjectName(code.key))
    .map((pairs) => {
      const [lead = pairs[0]] = pairs.toSorted((a, b) => inOrder(a.code.key, b.code.key));
      const { scenario, params, tools, mode, policy, outputSchemas, sandbox } = lead.code.key;
      const own = pairs.filter(({ code }) => wayName(code.key) === wayName(lead.code.key));
      const robust = robustIn(robustness, lead.code.key);
      const rows = lead.code.ledgers.flatMap((ledger) => rowOf(ledger, own, robust));
      return { scenario, params, tools, mode, policy, outputSchemas, sandbox, rows };
    })
    .toSorted(compareSubjects);
}

function rowOf(like: Ledger, pairs: readonly Pair[], robust: Robust): SensitivityRow[] {
  const ledgers = pairs.flatMap((pair) => {
    const direct = sameLedger(pair.direct, like);
    const code = sameLedger(pair.code, like);
    return direct === undefined || code === undefined ? [] : [{ direct, code }];
  });
  const fits = ledgers.every(({ direct, code }) => direct.exceedsWindowAt === null && code.exceedsWindowAt === null);
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
