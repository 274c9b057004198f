/** The main figures: for each subject what direct calls cost, what each other way cost, and the reduction. */
import { type Spread, spread } from "../stats/quantile.ts";
import { type Times, times } from "../stats/times.ts";
import { baselineMode, type Cause, type CellKey, type CellRecord, causes, type RunInfo } from "../types/index.ts";
import {
  billed,
  compareNames,
  compareSubjects,
  firstRepetitions,
  fits,
  groupBy,
  isControl,
  isPassed,
  type Pair,
  type PassedRecord,
  pairsOf,
  recordFits,
  reduction,
  type Subject,
  subjectName,
} from "./pairs.ts";

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

/** Over seeds, of 1 - code/direct of each pair. */
export interface Reduction extends Spread {
  /** Every pair fits the model's window. `false` must be visible wherever the reduction is shown. */
  readonly fits: boolean;
}

export interface SideFigures {
  /** Over seeds. */
  readonly figures: { readonly [F in Figure]: Spread };
  /** Modelled, one for each latency of the profile. */
  readonly modelledSeconds: readonly Spread[];
  readonly play: Times | null;
  /** Opening the sandbox, without the process's first opening of it. */
  readonly sandboxOpen: Times | null;
  /** Seeds whose conversation does not fit the model's window. */
  readonly seedsNotFitting: number;
  /** Where the tokens of the lowest seed went, most billed first. `billed` is input and output together. */
  readonly causes: readonly { readonly cause: Cause; readonly peakContext: number; readonly billed: number }[];
}

/** One way to play a subject. */
export interface Side extends Pick<CellKey, "mode" | "discovery" | "sandbox"> {
  readonly played: number;
  readonly passed: number;
  /** Seeds with a passed cell: n of every token figure. */
  readonly seeds: number;
  /** `null`: no cell passed. */
  readonly figures: SideFigures | null;
}

export interface Way extends Side {
  /** Pairs that the reductions are over. */
  readonly pairs: number;
  /** `null` where there is no pair, or direct is 0. */
  readonly reductions: { readonly [F in Figure]: Reduction | null };
  readonly modelledReductions: readonly (Reduction | null)[];
}

export interface Block extends Subject {
  /** `null`: not played. */
  readonly direct: Side | null;
  readonly ways: readonly Way[];
}

export function blocksOf(run: RunInfo, records: readonly CellRecord[]): readonly Block[] {
  const shown = records.filter((record) => !isControl(run, record));
  const pairs = groupBy(pairsOf(run, records), ({ code }) => cellName(code.key));
  return groupBy(shown, ({ key }) => subjectName(key))
    .map((group): Block => {
      const { scenario, params, tools } = group[0].key;
      const sides = groupBy(group, ({ key }) => cellName(key)).toSorted((a, b) =>
        compareNames(wayName(a[0].key), wayName(b[0].key)),
      );
      const direct = sides.find(([{ key }]) => key.mode === baselineMode);
      return {
        scenario,
        params,
        tools,
        direct: direct === undefined ? null : sideOf(direct),
        ways: sides
          .filter((side) => side !== direct && side[0].key.mode !== baselineMode)
          .map((side) => wayOf(side, pairs.find(([{ code }]) => cellName(code.key) === cellName(side[0].key)) ?? [])),
      };
    })
    .toSorted(compareSubjects);
}

function wayName({ mode, discovery, sandbox }: CellKey): string {
  return JSON.stringify([mode, discovery, sandbox]);
}

function cellName(key: CellKey): string {
  return `${subjectName(key)} ${wayName(key)}`;
}

function sideOf(records: readonly [CellRecord, ...CellRecord[]]): Side {
  const { mode, discovery, sandbox } = records[0].key;
  const passed = records.filter(isPassed);
  const seeds = firstRepetitions(passed).toSorted((a, b) => a.key.seed - b.key.seed);
  const side = { mode, discovery, sandbox, played: records.length, passed: passed.length, seeds: seeds.length };
  const [lowest, ...others] = seeds;
  if (lowest === undefined) return { ...side, figures: null };
  return { ...side, figures: figuresOf([lowest, ...others], passed) };
}

function figuresOf(seeds: readonly [PassedRecord, ...PassedRecord[]], passed: readonly PassedRecord[]): SideFigures {
  return {
    figures: eachFigure((figure) => over(seeds, (record) => figureOf(record, figure))),
    modelledSeconds: seeds[0].modelled.totalSeconds.map((_, i) => over(seeds, ({ modelled }) => modelled.totalSeconds[i] ?? 0)),
    play: times(passed.map(({ measured }) => measured.playMs)),
    sandboxOpen: times(
      passed.flatMap(({ measured: { sandboxOpenMs, firstOpen } }) =>
        sandboxOpenMs === null || firstOpen ? [] : [sandboxOpenMs],
      ),
    ),
    seedsNotFitting: seeds.filter((record) => !recordFits(record)).length,
    causes: causesOf(seeds[0]),
  };
}

function wayOf(records: readonly [CellRecord, ...CellRecord[]], pairs: readonly Pair[]): Way {
  const allFit = pairs.every(fits);
  const reduce = (value: (record: PassedRecord) => number): Reduction | null => {
    const found = pairs.map(({ direct, code }) => reduction(value(direct), value(code))).filter((r) => r !== null);
    const range = spread(found);
    return range === undefined ? null : { ...range, fits: allFit };
  };
  const latencies = pairs[0]?.code.modelled.totalSeconds ?? [];
  return {
    ...sideOf(records),
    pairs: pairs.length,
    reductions: eachFigure((figure) => reduce((record) => figureOf(record, figure))),
    modelledReductions: latencies.map((_, i) => reduce(({ modelled }) => modelled.totalSeconds[i] ?? 0)),
  };
}

function figureOf({ ledgers: [primary], cost, turns, activity }: PassedRecord, figure: Figure): number {
  if (figure === "turns") return turns;
  if (figure === "toolCalls") return activity.calls;
  if (figure === "uncachedUsd" || figure === "coldUsd" || figure === "warmUsd") return cost[figure];
  if (primary === undefined) return 0;
  return figure === "billed" ? billed(primary) : primary.totals[figure];
}

function causesOf({ ledgers: [primary] }: PassedRecord): SideFigures["causes"] {
  if (primary === undefined) return [];
  const { peakContext, billedInput, billedOutput } = primary.table;
  return causes
    .map((cause) => ({
      cause,
      peakContext: peakContext[cause] ?? 0,
      billed: (billedInput[cause] ?? 0) + (billedOutput[cause] ?? 0),
    }))
    .filter((row) => row.peakContext > 0 || row.billed > 0)
    .toSorted((a, b) => b.billed - a.billed);
}

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
