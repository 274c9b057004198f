/**
 * Whether a conclusion survives the choices that a reader might question: does the way still save, or still cost more? Each
 * choice is made differently on its own, and its reduction is taken as the headline's is: the median over seeds.
 */
import { cost } from "../../contract/cost.ts";
import {
  axes,
  type CellRecord,
  choiceText,
  type Ledger,
  type ModelProfile,
  pick,
  type RunInfo,
  type Subject,
  subjectAxes,
  type Way,
  wayAxes,
  withoutFraming,
} from "../../contract/index.ts";
import {
  billed,
  compareSubjects,
  groupBy,
  isFigure,
  type Pair,
  type PassedRecord,
  pairsOf,
  sameLedger,
  sameRestatement,
  subjectName,
  wayName,
} from "./pairs.ts";
import { reductionOver } from "./reduction.ts";
import { compareWays } from "./ways.ts";

/** The measures whose sign a reader takes away. Cost is that with a warm cache. */
export const conclusions = ["peakContext", "billed", "warmUsd"] as const;
export type Conclusion = (typeof conclusions)[number];

/** One choice made differently, and the reduction that it leaves. */
export interface Tried {
  /** E.g. `policy repair`, `without framing`, `cl100k_base raw`, `seed 3`. */
  readonly choice: string;
  /** `true`: other conversations were played for it; `false`: the headline's were counted in another way, or some of them. */
  readonly played: boolean;
  readonly reduction: number;
  /** Every conversation behind it fits the window, under a profile its own. */
  readonly fits: boolean;
}

/** One conclusion about one subject, played one way. */
export interface Robustness extends Subject, Way {
  readonly measure: Conclusion;
  /** The headline figure. */
  readonly reduction: number;
  readonly tried: readonly Tried[];
  /** The choices under which the reduction has another sign; empty: robust, as far as was tried. */
  readonly flips: readonly Tried[];
}

/**
 * The choices: every single seed, the other counters and serialisations, no framing, the other profiles, and the policies
 * and output schemas that were also played in the same mode. Another mode or sandbox is a way of its own. A conclusion
 * without a headline figure (the baseline is 0) has no entry.
 */
export function robustnessOf(run: RunInfo, records: readonly CellRecord[]): readonly Robustness[] {
  const inOrder = compareWays(run);
  return groupBy(pairsOf(run, records), ({ compared }) => subjectName(compared.key))
    .toSorted(([a], [b]) => compareSubjects(a.compared.key, b.compared.key))
    .flatMap((pairs) =>
      groupBy(
        pairs.filter(({ compared }) => isFigure(compared)),
        ({ compared }) => wayName(compared.key),
      )
        .toSorted(([a], [b]) => inOrder(a.compared.key, b.compared.key))
        .flatMap((own) => ofOneWay(own, choicesOf(run, own, pairs))),
    );
}

/** Those about one way to play a subject. */
export function ofWay<T extends Subject & Way>(all: readonly T[], subject: Subject, way: Way): readonly T[] {
  return all.filter((one) => subjectName(one) === subjectName(subject) && wayName(one) === wayName(way));
}

/** Whether the headline on a measure is robust; `null` where no choice was tried on it. */
export type Robust = (measure: string) => boolean | null;

/** Of one way to play a subject. */
export function robustIn(all: readonly Robustness[], key: Subject & Way): Robust {
  const own = ofWay(all, key, key);
  return (measure) => {
    const found = own.find((one) => one.measure === measure);
    return found === undefined ? null : found.flips.length === 0;
  };
}

/** What a conclusion is drawn from, on one side of a pair. */
interface Counted extends Pick<Ledger, "totals" | "exceedsWindowAt"> {
  readonly warmUsd: number;
}

/** Pairs under one choice. */
interface Choice {
  readonly name: string;
  readonly played: boolean;
  readonly baseline: Counted;
  readonly compared: Counted;
}

function ofOneWay(own: readonly [Pair, ...Pair[]], choices: readonly Choice[]): readonly Robustness[] {
  return conclusions.flatMap((measure): Robustness[] => {
    const over = (pairs: readonly Choice[]) => reductionOver(pairs, (side) => figure(side, measure))?.median;
    const reduction = over(own.flatMap((pair) => recorded("", pair)));
    if (reduction === undefined) return [];
    const tried = groupBy(choices, ({ name }) => name).flatMap((pairs): Tried[] => {
      const [{ name, played }] = pairs;
      const other = over(pairs);
      const fits = pairs.every(
        ({ baseline, compared }) => baseline.exceedsWindowAt === null && compared.exceedsWindowAt === null,
      );
      return other === undefined ? [] : [{ choice: name, played, reduction: other, fits }];
    });
    const flips = tried.filter((one) => Math.sign(one.reduction) !== Math.sign(reduction));
    return [{ ...pick(own[0].compared.key, [...subjectAxes, ...wayAxes]), measure, reduction, tried, flips }];
  });
}

function choicesOf(run: RunInfo, own: readonly [Pair, ...Pair[]], all: readonly Pair[]): readonly Choice[] {
  const { key } = own[0].compared;
  // Cells for bounds are played on one sandbox only, so they count for ways on every sandbox.
  const others = all.filter(
    ({ compared: { key: other } }) =>
      other.mode === key.mode &&
      differingChoices(key, other).length === 1 &&
      (other.sandbox === key.sandbox || other.role === "bound"),
  );
  return [
    ...others.flatMap((pair) => recorded(difference(key, pair.compared.key), pair, true)),
    ...own.flatMap((pair) => readings(pair, run.profiles.model)),
    // A lone seed is the headline itself.
    ...(own.length < 2 ? [] : own.flatMap((pair) => recorded(`seed ${pair.compared.key.seed}`, pair))),
  ];
}

/** The same two conversations, counted in another way. */
function readings({ baseline, compared }: Pair, profile: ModelProfile): readonly Choice[] {
  const priced = (ledger: Ledger): Counted => ({ ...ledger, warmUsd: cost(ledger, profile).warmUsd });
  const counts = compared.ledgers.slice(1).flatMap((after) => {
    const before = sameLedger(baseline, after);
    const name = `${after.counter} ${after.serialisation}`;
    return before === undefined ? [] : [{ name, played: false, baseline: priced(before), compared: priced(after) }];
  });
  const restatements = compared.restatements.flatMap((after) => {
    const before = sameRestatement(baseline, after);
    const profileName = `profile ${after.id}${after.framingTokens === null ? " (framing not documented: not counted)" : ""}`;
    const name = after.id === withoutFraming ? "without framing" : profileName;
    const restated = (one: typeof after): Counted => ({ ...one, warmUsd: one.cost.warmUsd });
    return before === undefined ? [] : [{ name, played: false, baseline: restated(before), compared: restated(after) }];
  });
  return [...restatements, ...counts];
}

/** As the headline counts them; empty where a record has no ledger. */
function recorded(name: string, { baseline, compared }: Pair, played = false): readonly Choice[] {
  const [before] = baseline.ledgers;
  const [after] = compared.ledgers;
  if (before === undefined || after === undefined) return [];
  const side = (ledger: Ledger, { cost: { warmUsd } }: PassedRecord): Counted => ({ ...ledger, warmUsd });
  return [{ name, played, baseline: side(before, baseline), compared: side(after, compared) }];
}

function figure(counted: Counted, measure: Conclusion): number {
  if (measure === "warmUsd") return counted.warmUsd;
  return measure === "billed" ? billed(counted) : counted.totals[measure];
}

/** What a mode leaves open, as far as two ways make it differently. The sandbox changes no token. */
function differingChoices(own: Way, other: Way) {
  return wayAxes.filter((axis) => axis !== "mode" && axes[axis].tokens && own[axis] !== other[axis]);
}

/** The one choice that `other` makes differently, in words. */
function difference(own: Way, other: Way): string {
  const choice = differingChoices(own, other)
    .map((axis) => choiceText(other, axis))
    .join(", ");
  return other.sandbox === own.sandbox ? choice : `${choice}, on ${other.sandbox}`;
}
