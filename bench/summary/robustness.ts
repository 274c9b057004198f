/** Whether a conclusion survives the choices that a reader might question: does code still save, or still cost more? */
import { cost } from "../cost.ts";
import { spread } from "../stats/quantile.ts";
import { type CellRecord, type Ledger, type ModelProfile, type RunInfo, withoutFraming } from "../types/index.ts";
import {
  billed,
  compareSubjects,
  groupBy,
  isFigure,
  type Pair,
  type PassedRecord,
  type PlayedWay,
  pairsOf,
  reduction,
  type Subject,
  sameLedger,
  subjectName,
  wayName,
} from "./pairs.ts";
import { compareWays } from "./ways.ts";

/** The measures whose sign a reader takes away. Cost is that with a warm cache. */
export const conclusions = ["peakContext", "billed", "warmUsd"] as const;
export type Conclusion = (typeof conclusions)[number];

/** One choice made differently, and the reduction that it leaves. */
export interface Flip {
  /** E.g. `policy repair`, `without framing`, `cl100k_base raw`. */
  readonly choice: string;
  readonly reduction: number;
}

/** One conclusion about one subject, under the first way. */
export interface Robustness extends Subject {
  readonly measure: Conclusion;
  /** How many choices were tried. */
  readonly tried: number;
  /** Those under which the reduction has the other sign; empty: robust, as far as was tried. */
  readonly flips: readonly Flip[];
}

/**
 * The signs of each subject's first way, under every seed, counter, serialisation, profile and policy of the run. A bound
 * cell is held against the direct cell of its own seed.
 */
export function robustnessOf(run: RunInfo, records: readonly CellRecord[]): readonly Robustness[] {
  const compare = compareWays(run);
  return groupBy(pairsOf(records), ({ code }) => subjectName(code.key))
    .toSorted(([a], [b]) => compareSubjects(a.code.key, b.code.key))
    .flatMap((pairs) => {
      const figures = pairs.filter(({ code }) => isFigure(code)).toSorted((a, b) => compare(a.code.key, b.code.key));
      const [lead] = figures;
      if (lead === undefined) return [];
      const { scenario, params, tools } = lead.code.key;
      const own = figures.filter(({ code }) => wayName(code.key) === wayName(lead.code.key));
      const others = pairs.filter(
        ({ code: { key } }) => key.mode === lead.code.key.mode && !own.some(({ code }) => code.key === key),
      );
      return conclusions.map((measure): Robustness => {
        const tried = [
          ...own.flatMap((pair) => recounted(pair, measure, run.profiles.model)),
          ...others.map((pair) => ({
            choice: difference(lead.code.key, pair.code.key),
            reduction: reduction(figure(pair.direct, measure), figure(pair.code, measure)),
          })),
        ].flatMap(({ choice, reduction: value }) => (value === null ? [] : [{ choice, reduction: value }]));
        const saves = middle(own, measure) > 0;
        const flips = tried.filter((one) => one.reduction > 0 !== saves);
        return { scenario, params, tools, measure, tried: distinct(tried).length, flips: distinct(flips) };
      });
    });
}

/** One conversation's reduction under each reading of the same text. */
function recounted(
  pair: Pair,
  measure: Conclusion,
  profile: ModelProfile,
): readonly { choice: string; reduction: number | null }[] {
  const { direct, code } = pair;
  const readings = code.restatements.flatMap((after) => {
    const before = direct.restatements.find(({ id }) => id === after.id);
    if (before === undefined) return [];
    const choice = after.id === withoutFraming ? "without framing" : `profile ${after.id}`;
    return [{ choice, reduction: reduction(restated(before, measure), restated(after, measure)) }];
  });
  const counts = code.ledgers.flatMap((after, at) => {
    const before = sameLedger(direct, after);
    if (before === undefined) return [];
    const choice = at === 0 ? `seed ${code.key.seed}` : `${after.counter} ${after.serialisation}`;
    return [{ choice, reduction: reduction(counted(before, measure, profile), counted(after, measure, profile)) }];
  });
  return [...counts, ...readings];
}

const restated = ({ totals, cost }: PassedRecord["restatements"][number], measure: Conclusion): number =>
  measure === "warmUsd" ? cost.warmUsd : measure === "billed" ? billed({ totals }) : totals[measure];

const counted = (ledger: Ledger, measure: Conclusion, profile: ModelProfile): number =>
  measure === "warmUsd" ? cost(ledger, profile).warmUsd : measure === "billed" ? billed(ledger) : ledger.totals[measure];

function figure({ ledgers: [primary], cost }: PassedRecord, measure: Conclusion): number {
  if (measure === "warmUsd") return cost.warmUsd;
  if (primary === undefined) return 0;
  return measure === "billed" ? billed(primary) : primary.totals[measure];
}

/** The median over seeds, whose sign the reports show. */
function middle(pairs: readonly Pair[], measure: Conclusion): number {
  const values = pairs
    .map(({ direct, code }) => reduction(figure(direct, measure), figure(code, measure)))
    .filter((value) => value !== null);
  return spread(values)?.median ?? 0;
}

/** What is done differently in `other`, in words. */
function difference(lead: PlayedWay, other: PlayedWay): string {
  const parts = [
    ...(other.policy === lead.policy ? [] : [`policy ${other.policy}`]),
    ...(other.outputSchemas === lead.outputSchemas ? [] : [`output schemas ${other.outputSchemas}`]),
    ...(other.sandbox === lead.sandbox ? [] : [`sandbox ${other.sandbox}`]),
  ];
  return parts.join(", ");
}

/** Each choice once, with the reduction that is farthest from no change. */
function distinct(flips: readonly Flip[]): readonly Flip[] {
  return groupBy(flips, ({ choice }) => choice).map((group) => {
    return group.toSorted((a, b) => Math.abs(b.reduction) - Math.abs(a.reduction))[0] ?? group[0];
  });
}
