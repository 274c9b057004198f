/** The lowest and highest reduction when the choices that a reader might question are made differently. */
import {
  axes,
  type CellKey,
  type CellRecord,
  type Cost,
  choiceText,
  type Ledger,
  type RunInfo,
  type Way,
  wayAxes,
} from "../../contract/index.ts";
import { billed, compareNames, fits, groupBy, type Pair, pairsOf, reduction, sameLedger } from "./pairs.ts";

export type BoundMeasure = "peakContext" | "billed" | "cost";

/** One end, and the choices that gave it. */
export interface BoundEnd {
  readonly reduction: number;
  /** The parameters, the choices that differ, counter and seed: `serverQuery=true, policy thorough, o200k_base json, seed 3`. */
  readonly at: string;
  readonly fits: boolean;
}

/** Over policies, output schemas, parameters, sandboxes, seeds, counters and serialisations; for `cost` over caching too. */
export interface Bound {
  readonly scenario: string;
  readonly tools: number | null;
  readonly mode: string;
  readonly measure: BoundMeasure;
  readonly low: BoundEnd;
  readonly high: BoundEnd;
}

const costs: readonly { readonly field: keyof Cost; readonly name: string }[] = [
  { field: "uncachedUsd", name: "no cache" },
  { field: "coldUsd", name: "cold cache" },
  { field: "warmUsd", name: "warm cache" },
];

export function boundsOf(run: RunInfo, records: readonly CellRecord[]): readonly Bound[] {
  return groupBy(pairsOf(run, records), ({ compared: { key } }) => JSON.stringify([key.scenario, key.tools, key.model, key.mode]))
    .toSorted(([{ compared: a }], [{ compared: b }]) => compareBounds(a.key, b.key))
    .flatMap((pairs) => {
      const { scenario, tools, mode } = pairs[0].compared.key;
      const differing = wayAxes.filter((axis) =>
        pairs.some(({ compared }) => compared.key[axis] !== pairs[0].compared.key[axis]),
      );
      const ends = pairs.flatMap((pair) => endsOf(pair, differing));
      return (["peakContext", "billed", "cost"] as const).flatMap((measure): Bound[] => {
        const mine = ends.filter((end) => end.measure === measure).toSorted((a, b) => a.end.reduction - b.end.reduction);
        const low = mine[0]?.end;
        const high = mine.at(-1)?.end;
        return low === undefined || high === undefined ? [] : [{ scenario, tools, mode, measure, low, high }];
      });
    });
}

function compareBounds(a: CellKey, b: CellKey): number {
  return compareNames(a.scenario, b.scenario) || (a.tools ?? 0) - (b.tools ?? 0) || compareNames(a.mode, b.mode);
}

/** `differing`: the choices that are not the same in all pairs. */
function endsOf(pair: Pair, differing: readonly (keyof Way)[]): { readonly measure: BoundMeasure; readonly end: BoundEnd }[] {
  const { baseline, compared } = pair;
  const ends: { measure: BoundMeasure; end: BoundEnd }[] = [];
  const add = (measure: BoundMeasure, before: number, after: number, choice: string, fit: boolean) => {
    const value = reduction(before, after);
    if (value !== null) ends.push({ measure, end: { reduction: value, at: describe(pair, differing, choice), fits: fit } });
  };
  for (const ledger of compared.ledgers) {
    const other = sameLedger(baseline, ledger);
    if (other === undefined) continue;
    const choice = `${ledger.counter} ${ledger.serialisation}`;
    const fit = ledgerFits(ledger) && ledgerFits(other);
    add("peakContext", other.totals.peakContext, ledger.totals.peakContext, choice, fit);
    add("billed", billed(other), billed(ledger), choice, fit);
  }
  for (const { field, name: cache } of costs) add("cost", baseline.cost[field], compared.cost[field], cache, fits(pair));
  return ends;
}

function ledgerFits({ exceedsWindowAt }: Ledger): boolean {
  return exceedsWindowAt === null;
}

function describe({ compared: { key } }: Pair, differing: readonly (keyof Way)[], choice: string): string {
  const params = Object.entries(key.params).map(([param, value]) => `${param}=${value}`);
  return [
    ...params,
    ...differing.filter((axis) => axes[axis].tokens).map((axis) => choiceText(key, axis)),
    choice,
    `seed ${key.seed}`,
  ].join(", ");
}
