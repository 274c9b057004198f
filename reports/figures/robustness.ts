/**
 * Whether a conclusion survives the choices that a reader might question: does code still save, or still cost more? Each
 * choice is made differently on its own, and its reduction is taken as the headline's is: the median over seeds.
 */
import { cost } from "../../contract/cost.ts";
import { type CellRecord, type Ledger, type ModelProfile, type RunInfo, withoutFraming } from "../../contract/index.ts";
import {
  billed,
  compareSubjects,
  groupBy,
  isFigure,
  type Pair,
  type PassedRecord,
  type PlayedWay,
  pairsOf,
  type Subject,
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
export interface Robustness extends Subject, PlayedWay {
  readonly measure: Conclusion;
  /** The headline figure. */
  readonly reduction: number;
  readonly tried: readonly Tried[];
  /** Those under which the reduction has another sign; empty: robust, as far as was tried. */
  readonly flips: readonly Tried[];
}

/**
 * Tried are every single seed, the other counters and serialisations, no framing, the other profiles, and the policies and
 * output schemas that were played besides in the same mode. Another mode or sandbox is a way of its own. A conclusion
 * without a headline figure (direct is 0) has no entry.
 */
export function robustnessOf(run: RunInfo, records: readonly CellRecord[]): readonly Robustness[] {
  const inOrder = compareWays(run);
  return groupBy(pairsOf(records), ({ code }) => subjectName(code.key))
    .toSorted(([a], [b]) => compareSubjects(a.code.key, b.code.key))
    .flatMap((pairs) =>
      groupBy(
        pairs.filter(({ code }) => isFigure(code)),
        ({ code }) => wayName(code.key),
      )
        .toSorted(([a], [b]) => inOrder(a.code.key, b.code.key))
        .flatMap((own) => ofOneWay(own, choicesOf(run, own, pairs))),
    );
}

/** Those about one way to play a subject. */
export function ofWay<T extends Subject & PlayedWay>(all: readonly T[], subject: Subject, way: PlayedWay): readonly T[] {
  return all.filter((one) => subjectName(one) === subjectName(subject) && wayName(one) === wayName(way));
}

/** Whether the headline on a measure is robust; `null` where no choice was tried on it. */
export type Robust = (measure: string) => boolean | null;

/** Of one way to play a subject. */
export function robustIn(all: readonly Robustness[], key: Subject & PlayedWay): Robust {
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
  readonly direct: Counted;
  readonly code: Counted;
}

function ofOneWay(own: readonly [Pair, ...Pair[]], choices: readonly Choice[]): readonly Robustness[] {
  const { scenario, params, tools, mode, policy, outputSchemas, sandbox } = own[0].code.key;
  return conclusions.flatMap((measure): Robustness[] => {
    const over = (pairs: readonly Choice[]) => reductionOver(pairs, (side) => figure(side, measure))?.median;
    const reduction = over(own.flatMap((pair) => recorded("", pair)));
    if (reduction === undefined) return [];
    const tried = groupBy(choices, ({ name }) => name).flatMap((pairs): Tried[] => {
      const [{ name, played }] = pairs;
      const other = over(pairs);
      const fits = pairs.every(({ direct, code }) => direct.exceedsWindowAt === null && code.exceedsWindowAt === null);
      return other === undefined ? [] : [{ choice: name, played, reduction: other, fits }];
    });
    const flips = tried.filter((one) => Math.sign(one.reduction) !== Math.sign(reduction));
    const way = { scenario, params, tools, mode, policy, outputSchemas, sandbox };
    return [{ ...way, measure, reduction, tried, flips }];
  });
}

function choicesOf(run: RunInfo, own: readonly [Pair, ...Pair[]], all: readonly Pair[]): readonly Choice[] {
  const { key } = own[0].code;
  // On another sandbox than the way's own only what was played nowhere else: the cells for bounds are on one of them.
  const others = all.filter(
    ({ code: { key: other } }) =>
      other.mode === key.mode &&
      (other.policy === key.policy) !== (other.outputSchemas === key.outputSchemas) &&
      (other.sandbox === key.sandbox || other.role === "bound"),
  );
  return [
    ...others.flatMap((pair) => recorded(difference(key, pair.code.key), pair, true)),
    ...own.flatMap((pair) => readings(pair, run.profiles.model)),
    // The only seed is the headline itself.
    ...(own.length < 2 ? [] : own.flatMap((pair) => recorded(`seed ${pair.code.key.seed}`, pair))),
  ];
}

/** The same two conversations, counted in another way. */
function readings({ direct, code }: Pair, profile: ModelProfile): readonly Choice[] {
  const priced = (ledger: Ledger): Counted => ({ ...ledger, warmUsd: cost(ledger, profile).warmUsd });
  const counts = code.ledgers.slice(1).flatMap((after) => {
    const before = sameLedger(direct, after);
    const name = `${after.counter} ${after.serialisation}`;
    return before === undefined ? [] : [{ name, played: false, direct: priced(before), code: priced(after) }];
  });
  const restatements = code.restatements.flatMap((after) => {
    const before = sameRestatement(direct, after);
    const profileName = `profile ${after.id}${after.framingTokens === null ? " (framing not documented: not counted)" : ""}`;
    const name = after.id === withoutFraming ? "without framing" : profileName;
    const restated = (one: typeof after): Counted => ({ ...one, warmUsd: one.cost.warmUsd });
    return before === undefined ? [] : [{ name, played: false, direct: restated(before), code: restated(after) }];
  });
  return [...restatements, ...counts];
}

/** As the headline counts them; empty where a record has no ledger. */
function recorded(name: string, { direct, code }: Pair, played = false): readonly Choice[] {
  const [before] = direct.ledgers;
  const [after] = code.ledgers;
  if (before === undefined || after === undefined) return [];
  const side = (ledger: Ledger, { cost: { warmUsd } }: PassedRecord): Counted => ({ ...ledger, warmUsd });
  return [{ name, played, direct: side(before, direct), code: side(after, code) }];
}

function figure(counted: Counted, measure: Conclusion): number {
  if (measure === "warmUsd") return counted.warmUsd;
  return measure === "billed" ? billed(counted) : counted.totals[measure];
}

/** The one choice that `other` makes differently, in words. */
function difference(own: PlayedWay, other: PlayedWay): string {
  const choice = other.policy === own.policy ? `output schemas ${other.outputSchemas}` : `policy ${other.policy}`;
  return other.sandbox === own.sandbox ? choice : `${choice}, on ${other.sandbox}`;
}
