/** How far a reduction depends on the tokenizer and on how a block becomes text. */
import { type Spread, spread } from "../stats/quantile.ts";
import type { CellKey, CellRecord, Ledger, RunInfo } from "../types/index.ts";
import {
  billed,
  compareNames,
  compareSubjects,
  groupBy,
  type Pair,
  pairsOf,
  reduction,
  type Subject,
  sameLedger,
  subjectName,
} from "./pairs.ts";

/** Reductions over seeds, under one counter and serialisation. */
export interface SensitivityRow extends Pick<Ledger, "counter" | "serialisation"> {
  readonly peakContext: Spread;
  readonly billed: Spread;
  readonly fits: boolean;
}

export interface Sensitivity extends Subject, Pick<CellKey, "mode" | "discovery" | "sandbox"> {
  /** In the order of the record's ledgers: the first is primary. */
  readonly rows: readonly SensitivityRow[];
}

/** One table for each subject, mode and discovery, on the first sandbox by name: tokens are the same on all. */
export function sensitivityOf(run: RunInfo, records: readonly CellRecord[]): readonly Sensitivity[] {
  return groupBy(pairsOf(run, records), ({ code: { key } }) => JSON.stringify([subjectName(key), key.mode, key.discovery]))
    .map((pairs) => pairs.filter(({ code: { key } }) => key.sandbox === pairs[0].code.key.sandbox))
    .flatMap((pairs): Sensitivity[] => {
      const [first] = pairs;
      if (first === undefined) return [];
      const { scenario, params, tools, mode, discovery, sandbox } = first.code.key;
      const rows = first.code.ledgers.flatMap((ledger) => rowOf(ledger, pairs));
      return [{ scenario, params, tools, mode, discovery, sandbox, rows }];
    })
    .toSorted((a, b) => compareSubjects(a, b) || compareNames(a.mode, b.mode) || compareNames(a.discovery, b.discovery));
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
