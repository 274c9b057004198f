/** How far a reduction depends on the tokenizer and on how a block becomes text. */
import { type Spread, spread } from "../stats/quantile.ts";
import type { CellRecord, Ledger, RunInfo } from "../types/index.ts";
import {
  billed,
  compareSubjects,
  groupBy,
  isFigure,
  type Pair,
  type PlayedWay,
  pairsOf,
  reduction,
  type Subject,
  sameLedger,
  subjectName,
  wayName,
} from "./pairs.ts";
import { compareWays } from "./ways.ts";

/** Reductions over seeds, under one counter and serialisation. */
export interface SensitivityRow extends Pick<Ledger, "counter" | "serialisation"> {
  readonly peakContext: Spread;
  readonly billed: Spread;
  readonly fits: boolean;
}

export interface Sensitivity extends Subject, PlayedWay {
  /** In the order of the record's ledgers: the first is primary. */
  readonly rows: readonly SensitivityRow[];
}

/** One table for each subject: its first way, since tokens are the same on every sandbox. */
export function sensitivityOf(run: RunInfo, records: readonly CellRecord[]): readonly Sensitivity[] {
  const inOrder = compareWays(run);
  return groupBy(pairsOf(records.filter(isFigure)), ({ code }) => subjectName(code.key))
    .map((pairs) => {
      const [lead = pairs[0]] = pairs.toSorted((a, b) => inOrder(a.code.key, b.code.key));
      const { scenario, params, tools, mode, policy, outputSchemas, sandbox } = lead.code.key;
      const own = pairs.filter(({ code }) => wayName(code.key) === wayName(lead.code.key));
      const rows = lead.code.ledgers.flatMap((ledger) => rowOf(ledger, own));
      return { scenario, params, tools, mode, policy, outputSchemas, sandbox, rows };
    })
    .toSorted(compareSubjects);
}

function rowOf(like: Ledger, pairs: readonly Pair[]): SensitivityRow[] {
  const ledgers = pairs.flatMap(({ direct, code }) => {
    const before = sameLedger(direct, like);
    const after = sameLedger(code, like);
    return before === undefined || after === undefined ? [] : [{ before, after }];
  });
  const over = (value: (ledger: Ledger) => number) =>
    spread(ledgers.map(({ before, after }) => reduction(value(before), value(after))).filter((r) => r !== null));
  const peakContext = over(({ totals }) => totals.peakContext);
  const all = over(billed);
  if (peakContext === undefined || all === undefined) return [];
  const fits = ledgers.every(({ before, after }) => before.exceedsWindowAt === null && after.exceedsWindowAt === null);
  return [{ counter: like.counter, serialisation: like.serialisation, peakContext, billed: all, fits }];
}
