/** The main figures: for each subject what the baseline cost, what each other way cost, and the reduction. */

import {
  type Cause,
  type CellRecord,
  causes,
  pick,
  type Restatement,
  type RunInfo,
  type Subject,
  subjectAxes,
  type Way,
  wayAxes,
} from "../../contract/index.ts";
import {
  baselineWay,
  billed,
  compareNames,
  compareSubjects,
  firstRepetitions,
  fits,
  groupBy,
  isFigure,
  isPassed,
  type Pair,
  type PassedRecord,
  pairsOf,
  recordFits,
  sameRestatement,
  subjectName,
  wayName,
} from "./pairs.ts";
import { type Reduction, reductionOver } from "./reduction.ts";
import { type Conclusion, type Robust, type Robustness, robustIn } from "./robustness.ts";
import { type Spread, spread } from "./statistics/quantile.ts";
import { type Times, times } from "./statistics/times.ts";
import { compareWays } from "./ways.ts";

/** Figures of one cell under its primary ledger. Tokens, US dollars, counts. `billed` is input and output together. */
export const figures = [
  "peakContext",
  "billedInput",
  "billedOutput",
  "billed",
  "uncachedUsd",
  "coldUsd",
  "warmUsd",
  "turns",
  "toolCalls",
] as const;
export type Figure = (typeof figures)[number];

export interface SideFigures {
  /** Over seeds. */
  readonly figures: { readonly [F in Figure]: Spread };
  /** Modelled, one for each latency of the profile. */
  readonly modelledSeconds: readonly Spread[];
  readonly play: Times | null;
  /** Opening the sandbox, without the process's first opening of it. */
  readonly sandboxOpen: Times | null;
  /** Tokens of the provider's tool-use prompt in each request with tools; `null`: not documented, and not counted. */
  readonly framingTokens: number | null;
  /** Seeds whose conversation does not fit the model's window. */
  readonly seedsNotFitting: number;
  /**
   * Where the tokens went, most billed first; `billed` is input and output together. The rows of each column add up to its
   * median: they are those of the seed in the middle, or the mean of the middle two.
   */
  readonly causes: readonly { readonly cause: Cause; readonly peakContext: number; readonly billed: number }[];
}

/** One way to play a subject. */
export interface Side extends Way {
  readonly played: number;
  readonly passed: number;
  /** Seeds with a passed cell: n of every token figure. */
  readonly seeds: number;
  /** `null`: no cell passed. */
  readonly figures: SideFigures | null;
}

export interface ComparedWay extends Side {
  /** Pairs that the reductions are over. */
  readonly pairs: number;
  /** `null` where there is no pair, or the baseline is 0. */
  readonly reductions: { readonly [F in Figure]: Reduction | null };
  readonly modelledReductions: readonly (Reduction | null)[];
  /** The same pairs without framing, and under each other profile. */
  readonly restated: readonly Restated[];
}

/** The conclusions under other facts about the model. */
export interface Restated {
  /** `withoutFraming`, or a model profile's id. */
  readonly id: string;
  /** As of `SideFigures`, under these facts. */
  readonly framingTokens: number | null;
  readonly peakContext: { readonly baseline: number; readonly compared: number };
  readonly reductions: { readonly [C in Conclusion]: Reduction | null };
}

export interface Block extends Subject {
  /** `null`: not played. */
  readonly baseline: Side | null;
  readonly ways: readonly ComparedWay[];
}

/** `robustness` is that of the same run and records. */
export function blocksOf(run: RunInfo, records: readonly CellRecord[], robustness: readonly Robustness[]): readonly Block[] {
  const shown = records.filter(isFigure);
  const pairs = groupBy(pairsOf(run, shown), ({ compared }) => cellName(compared.key));
  const inOrder = compareWays(run);
  const against = baselineWay(run, shown);
  return groupBy(shown, ({ key }) => subjectName(key))
    .map((group): Block => {
      const sides = groupBy(group, ({ key }) => cellName(key)).toSorted(
        ([a], [b]) => inOrder(a.key, b.key) || compareNames(wayName(a.key), wayName(b.key)),
      );
      const baseline = sides.find(([{ key }]) => wayName(key) === against);
      return {
        ...pick(group[0].key, subjectAxes),
        baseline: baseline === undefined ? null : sideOf(baseline),
        ways: sides
          .filter((side) => side !== baseline)
          .map((side) => {
            const own = pairs.find(([{ compared }]) => cellName(compared.key) === cellName(side[0].key)) ?? [];
            return wayOf(side, own, robustIn(robustness, side[0].key));
          }),
      };
    })
    .toSorted(compareSubjects);
}

function cellName(key: CellRecord["key"]): string {
  return `${subjectName(key)} ${wayName(key)}`;
}

function sideOf(records: readonly [CellRecord, ...CellRecord[]]): Side {
  const passed = records.filter(isPassed);
  const seeds = firstRepetitions(passed).toSorted((a, b) => a.key.seed - b.key.seed);
  const counts = { played: records.length, passed: passed.length, seeds: seeds.length };
  const side = { ...pick(records[0].key, wayAxes), ...counts };
  const [lowest, ...others] = seeds;
  if (lowest === undefined) return { ...side, figures: null };
  return { ...side, figures: figuresOf([lowest, ...others], passed) };
}

function figuresOf(seeds: readonly [PassedRecord, ...PassedRecord[]], passed: readonly PassedRecord[]): SideFigures {
  return {
    figures: eachFigure((figure) => over(seeds, (record) => figureOf(record, figure))),
    modelledSeconds: seeds[0].modelled.totalSeconds.map((_, i) => over(seeds, ({ modelled }) => modelled.totalSeconds[i] ?? 0)),
    play: timesOf(passed, ({ playMs }) => playMs),
    sandboxOpen: timesOf(passed, ({ sandboxOpenMs, firstOpen }) => (firstOpen ? null : sandboxOpenMs)),
    framingTokens: seeds[0].ledgers[0]?.framingTokens ?? null,
    seedsNotFitting: seeds.filter((record) => !recordFits(record)).length,
    causes: causesOf(seeds),
  };
}

/** `null` also where several machines played: their times are never pooled. */
function timesOf(records: readonly PassedRecord[], value: (measured: PassedRecord["measured"]) => number | null): Times | null {
  if (new Set(records.map(({ machine }) => machine)).size > 1) return null;
  return times(records.map(({ measured }) => value(measured)).filter((ms) => ms !== null));
}

function wayOf(records: readonly [CellRecord, ...CellRecord[]], pairs: readonly Pair[], robust: Robust): ComparedWay {
  const allFit = pairs.every(fits);
  const reduce = (value: (record: PassedRecord) => number, holds: boolean | null): Reduction | null => {
    const range = reductionOver(pairs, value);
    return range === null ? null : { ...range, fits: allFit, robust: holds };
  };
  const latencies = pairs[0]?.compared.modelled.totalSeconds ?? [];
  return {
    ...sideOf(records),
    pairs: pairs.length,
    reductions: eachFigure((figure) => reduce((record) => figureOf(record, figure), robust(figure))),
    modelledReductions: latencies.map((_, i) => reduce(({ modelled }) => modelled.totalSeconds[i] ?? 0, null)),
    restated: (pairs[0]?.compared.restatements ?? []).flatMap((like) => restatedOf(like, pairs, robust)),
  };
}

function figureOf({ ledgers: [primary], cost, turns, activity }: PassedRecord, figure: Figure): number {
  if (figure === "turns") return turns;
  if (figure === "toolCalls") return activity.calls;
  if (figure === "uncachedUsd" || figure === "coldUsd" || figure === "warmUsd") return cost[figure];
  if (primary === undefined) return 0;
  return figure === "billed" ? billed(primary) : primary.totals[figure];
}

/** The conclusions of the same pairs as one restatement has them. */
function restatedOf(like: Restatement, pairs: readonly Pair[], robust: Robust): readonly Restated[] {
  const found = pairs.flatMap((pair) => {
    const baseline = sameRestatement(pair.baseline, like);
    const compared = sameRestatement(pair.compared, like);
    return baseline === undefined || compared === undefined ? [] : [{ baseline, compared }];
  });
  const baseline = spread(found.map((pair) => pair.baseline.totals.peakContext));
  const compared = spread(found.map((pair) => pair.compared.totals.peakContext));
  if (baseline === undefined || compared === undefined) return [];
  const allFit = found.every((pair) => pair.baseline.exceedsWindowAt === null && pair.compared.exceedsWindowAt === null);
  const reduce = (measure: Conclusion, value: (one: Restatement) => number): Reduction | null => {
    const range = reductionOver(found, value);
    return range === null ? null : { ...range, fits: allFit, robust: robust(measure) };
  };
  return [
    {
      id: like.id,
      framingTokens: like.framingTokens,
      peakContext: { baseline: baseline.median, compared: compared.median },
      reductions: {
        peakContext: reduce("peakContext", ({ totals }) => totals.peakContext),
        billed: reduce("billed", billed),
        warmUsd: reduce("warmUsd", ({ cost }) => cost.warmUsd),
      },
    },
  ];
}

function causesOf(records: readonly PassedRecord[]): SideFigures["causes"] {
  const peaks = middleOf(records, (record) => figureOf(record, "peakContext"));
  const bills = middleOf(records, (record) => figureOf(record, "billed"));
  return causes
    .map((cause) => ({
      cause,
      peakContext: mean(peaks.map(({ ledgers: [primary] }) => primary?.table.peakContext[cause] ?? 0)),
      billed: mean(
        bills.map(
          ({ ledgers: [primary] }) => (primary?.table.billedInput[cause] ?? 0) + (primary?.table.billedOutput[cause] ?? 0),
        ),
      ),
    }))
    .filter((row) => row.peakContext > 0 || row.billed > 0)
    .toSorted((a, b) => b.billed - a.billed);
}

/** The record whose figure is the median, or the two whose mean is. */
function middleOf(records: readonly PassedRecord[], figure: (record: PassedRecord) => number): readonly PassedRecord[] {
  const inOrder = records.toSorted((a, b) => figure(a) - figure(b) || a.key.seed - b.key.seed);
  return inOrder.slice(Math.floor((inOrder.length - 1) / 2), Math.floor(inOrder.length / 2) + 1);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function eachFigure<T>(value: (figure: Figure) => T): { readonly [F in Figure]: T } {
  return {
    peakContext: value("peakContext"),
    billedInput: value("billedInput"),
    billedOutput: value("billedOutput"),
    billed: value("billed"),
    uncachedUsd: value("uncachedUsd"),
    coldUsd: value("coldUsd"),
    warmUsd: value("warmUsd"),
    turns: value("turns"),
    toolCalls: value("toolCalls"),
  };
}

function over(records: readonly [PassedRecord, ...PassedRecord[]], value: (record: PassedRecord) => number): Spread {
  const first = value(records[0]);
  return spread(records.map(value)) ?? { median: first, min: first, max: first };
}
