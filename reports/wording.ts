/** What the reports say, in one place, so that every format says the same. Unescaped: the formats escape it. */

import { type Params, type RunInfo, type Subject, type Way, wayAxes, wordsOf } from "../contract/index.ts";
import type { Times } from "./figures/statistics/times.ts";
import {
  type Block,
  type Bound,
  type ComparedWay,
  type Conclusion,
  type Control,
  type Figure,
  isControl,
  type Reduction,
  type Side,
} from "./figures/summarise.ts";
import { count, dollars, duration, percent, seconds } from "./numbers.ts";

/** One measure of one way beside baseline. `""`: not applicable. */
export interface MeasureRow {
  readonly label: string;
  readonly baseline: string;
  readonly compared: string;
  readonly reduction: string;
  /** Lowest and highest over seeds; `""` where they are equal. */
  readonly baselineRange: string;
  readonly comparedRange: string;
  readonly reductionRange: string;
}

/** Stands behind every reduction against a cell that does not fit the window. */
export const notFittingMark = "*";
/** Stands behind every reduction whose sign changes under a choice that was tried. */
export const notRobustMark = "~";

const figureRows: readonly { readonly figure: Figure; readonly label: string; readonly show: (value: number) => string }[] = [
  { figure: "peakContext", label: "peak context, tokens", show: count },
  { figure: "billedInput", label: "billed input, tokens", show: count },
  { figure: "billedOutput", label: "billed output, tokens", show: count },
  { figure: "billed", label: "billed in all, tokens", show: count },
  { figure: "uncachedUsd", label: "cost without cache", show: dollars },
  { figure: "coldUsd", label: "cost, cold cache", show: dollars },
  { figure: "warmUsd", label: "cost, warm cache", show: dollars },
  { figure: "turns", label: "model turns", show: count },
  { figure: "toolCalls", label: "tool calls", show: count },
];

/** All rows of one way; a side without a passed cell shows `-`. */
export function measureRows(run: RunInfo, baseline: Side | null, way: ComparedWay): readonly MeasureRow[] {
  const a = baseline?.figures;
  const b = way.figures;
  const rows = figureRows.map(
    ({ figure, label, show }): MeasureRow => ({
      label,
      ...sideCells("baseline", a?.figures[figure], show),
      ...sideCells("compared", b?.figures[figure], show),
      // A number of tool calls is not a cost: code makes as many calls, without a turn each.
      ...reductionCells(figure === "toolCalls" ? null : way.reductions[figure]),
    }),
  );
  const modelled = run.profiles.toolLatency.millisecondsPerCall.map(
    (latency, i): MeasureRow => ({
      label: `modelled, ${count(latency)} ms/call`,
      ...sideCells("baseline", a?.modelledSeconds[i], seconds),
      ...sideCells("compared", b?.modelledSeconds[i], seconds),
      ...reductionCells(way.modelledReductions[i] ?? null),
    }),
  );
  const plain = (label: string, left: string, right: string): MeasureRow => ({
    label,
    baseline: left,
    compared: right,
    reduction: "",
    baselineRange: "",
    comparedRange: "",
    reductionRange: "",
  });
  const measured: MeasureRow = {
    ...plain("played here in", time(a?.play?.median), time(b?.play?.median)),
    baselineRange: interval(a?.play),
    comparedRange: interval(b?.play),
  };
  const opened: MeasureRow = {
    ...plain("sandbox opened in", openedText(baseline), openedText(way)),
    baselineRange: interval(a?.sandboxOpen),
    comparedRange: interval(b?.sandboxOpen),
  };
  const fitting = (side: Side | null) => (side?.figures == null ? "-" : side.figures.seedsNotFitting === 0 ? "yes" : "NO");
  return [
    ...rows,
    ...modelled,
    measured,
    opened,
    plain("fits the window", fitting(baseline), fitting(way)),
    plain("cells passed", passedText(baseline), passedText(way)),
  ];
}

function openedText(side: Side | null): string {
  return side?.sandbox == null ? "" : time(side.figures?.sandboxOpen?.median);
}

function time(ms: number | undefined): string {
  return ms === undefined ? "-" : duration(ms);
}

function interval(times: Times | null | undefined): string {
  return times === null || times === undefined || times.n < 2 ? "" : timeRange(times);
}

/** The median's interval where there are samples enough for one, else the lowest and highest; it says which. */
export function timeRange({ n, min, max, interval: sure }: Times): string {
  if (sure === null) return `${duration(min)} to ${duration(max)} (lowest and highest, n = ${n})`;
  return `${duration(sure.low)} to ${duration(sure.high)} (95%, n = ${n})`;
}

type Values = { readonly median: number; readonly min: number; readonly max: number };

function sideCells<S extends "baseline" | "compared">(
  side: S,
  values: Values | undefined,
  show: (value: number) => string,
): { readonly [K in S | `${S}Range`]: string } {
  const cells = {
    [side]: values === undefined ? "-" : show(values.median),
    [`${side}Range`]: values === undefined ? "" : range(values, show),
  };
  return cells as { readonly [K in S | `${S}Range`]: string };
}

function reductionCells(reduction: Reduction | null): Pick<MeasureRow, "reduction" | "reductionRange"> {
  return {
    reduction: reductionText(reduction),
    reductionRange: reduction === null ? "" : range(reduction, percent),
  };
}

/** `98.7%`, with the marks that it needs; `""` if there is no reduction. */
export function reductionText(reduction: Pick<Reduction, "median" | "fits" | "robust"> | null): string {
  if (reduction === null) return "";
  const { median, fits, robust } = reduction;
  return `${percent(median)}${robust === false ? notRobustMark : ""}${fits ? "" : notFittingMark}`;
}

/** Lowest and highest; `""` where they read the same. */
export function range({ min, max }: Values, show: (value: number) => string): string {
  return show(min) === show(max) ? "" : `${show(min)} to ${show(max)}`;
}

function passedText(side: Side | null): string {
  return side === null ? "-" : `${side.passed}/${side.played}`;
}

/** `rows=100, serverQuery=false`, or `no parameters`. */
export function paramsText(params: Params): string {
  const parts = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  return parts.length === 0 ? "no parameters" : parts.join(", ");
}

/** What a subject is beside its scenario: `rows=100; 400 tools`. */
export function detailText(subject: Subject): string {
  return [paramsText(subject.params), toolsText(subject.tools), ...wordsOf(subject, ["model"])].join("; ");
}

/**
 * What sets a block apart from the others of its scenario, in short: the parameters that vary among them, without those
 * that are `false`, and the number of tools and the model if those vary. Where that leaves nothing, the `false` ones; `""`
 * for a scenario with one block.
 */
export function variantText(block: Block, blocks: readonly Block[]): string {
  const siblings = blocks.filter(({ scenario }) => scenario === block.scenario);
  const varying = Object.entries(block.params).filter(([name, value]) =>
    siblings.some(({ params }) => !Object.hasOwn(params, name) || params[name] !== value),
  );
  const models = siblings.some((other) => other.model !== block.model) ? [block.model] : [];
  const parts = varying.flatMap(([name, value]) => (value === false ? [] : [value === true ? name : `${name}=${value}`]));
  const tools = siblings.some((other) => other.tools !== block.tools) ? [toolsText(block.tools)] : [];
  if (parts.length + tools.length + models.length > 0) return [...parts, ...tools, ...models].join(", ");
  return varying.length > 0 ? paramsText(Object.fromEntries(varying)) : "";
}

export function toolsText(tools: number | null): string {
  return tools === null ? "own tools" : `${count(tools)} tools`;
}

/** `code-execution, policy minimal, on quickjs`; output schemas are named where they are not the real ones. */
export function wayText(run: RunInfo, way: Way): string {
  return `${wordsOf(way, wayAxes).join(", ")}${isControl(run, way) ? " (a control)" : ""}`;
}

export interface SideNames {
  readonly baseline: string;
  readonly compared: string;
}

/** Heads of the columns of both sides: the baseline's mode, and the mode that leads the others. */
export function sideNames({ selected, config }: RunInfo, harmless: (text: string) => string = String): SideNames {
  const others = selected.modes.filter(({ id }) => id !== config.baseline);
  const lead = others.find(({ control }) => !control) ?? others[0];
  const baseline = selected.modes.find(({ id }) => id === config.baseline);
  return { baseline: harmless(baseline?.short ?? config.baseline), compared: harmless(lead?.short ?? "compared") };
}

/** The measures that the reports draw conclusions from. */
export const conclusionLabels: { readonly [C in Conclusion]: string } = {
  peakContext: "peak context",
  billed: "billed tokens",
  warmUsd: "cost, warm cache",
};

export const boundLabels: { readonly [M in Bound["measure"]]: string } = {
  peakContext: "peak context",
  billed: "billed tokens",
  cost: "cost",
};

export function controlText({ statement, status, pairs, worst }: Control): string {
  if (status === "not-played") return `${statement} Not played.`;
  const figure = worst === null ? "" : `, ${worst.figure} ${percent(worst.value)} (${worst.scenario})`;
  return `${statement} ${pairs} ${pairs === 1 ? "pair" : "pairs"}${figure}.`;
}
