/** One subject in the terminal: every measure of the way that leads, and the other ways in a line each. */

import type { ReportView, RunInfo } from "../../contract/index.ts";
import { terminalText } from "../escape.ts";
import type { Block, ComparedWay, Side } from "../figures/summarise.ts";
import { count, duration, percent } from "../numbers.ts";
import { detailText, measureRows, range, reductionText, type SideNames, sideNames, timeRange, wayText } from "../wording.ts";
import { columns, columnsFit, type Style, wrapped } from "./terminal-layout.ts";

export function blockLines(run: RunInfo, block: Block, view: ReportView, paint: Style): string[] {
  const [way, ...others] = block.ways;
  const heading = [
    ...wrapped(terminalText(block.scenario), view.columns, "").map(paint.bold),
    ...wrapped(terminalText(detailText(block)), view.columns, "  "),
  ];
  if (way === undefined) return [...heading, ...baselineOnlyLines(run, block)];
  const names = sideNames(run, terminalText);
  const rows = measureRows(run, block.baseline, way);
  const wide = [
    ["", names.baseline, names.compared, "reduction", "over seeds"],
    ...rows.map((row) => [row.label, row.baseline, row.compared, row.reduction, row.reductionRange]),
  ];
  const width = view.columns - 2;
  const rangesFit = columnsFit(wide, width);
  const [head = "", ...body] = columns(rangesFit ? wide : wide.map((row) => row.slice(0, 4)), width);
  return [
    ...heading,
    ...wrapped(`${names.compared} = ${terminalText(wayText(run, way))}`, view.columns, "  "),
    "",
    `  ${paint.dim(head)}`,
    ...body.map((line) => `  ${line}`),
    ...(rangesFit ? [] : narrowRangeLines(way, view)),
    ...timeRangeLines(names, block.baseline, way, view),
    ...otherWayLines(run, way, others, view, paint),
  ];
}

/** The lowest and highest over seeds where a terminal has no room for a column of them. */
function narrowRangeLines({ reductions: { peakContext, billed }, pairs }: ComparedWay, view: ReportView): string[] {
  const parts = [
    peakContext === null ? "" : `peak context ${range(peakContext, percent)}`,
    billed === null ? "" : `billed ${range(billed, percent)}`,
  ].filter((part) => part.includes(" to "));
  return parts.length === 0 ? [] : wrapped(`reduction over ${count(pairs)} seeds: ${parts.join(", ")}`, view.columns, "  ");
}

/** How sure the measured times are, where there are samples enough to say. */
function timeRangeLines(names: SideNames, baseline: Side | null, way: Side, view: ReportView): string[] {
  const sides = [
    { name: names.baseline, play: baseline?.figures?.play },
    { name: names.compared, play: way.figures?.play },
  ];
  const parts = sides.flatMap(({ name, play }) => (play?.interval == null ? [] : [`${name} ${timeRange(play)}`]));
  return parts.length === 0 ? [] : wrapped(`played here in: ${parts.join(", ")}`, view.columns, "  ");
}

function baselineOnlyLines(run: RunInfo, { baseline }: Block): string[] {
  const peak = baseline?.figures?.figures.peakContext.median;
  return [
    "  Nothing to compare with.",
    ...(peak === undefined ? [] : [`  ${sideNames(run, terminalText).baseline}: peak context ${count(peak)} tokens`]),
  ];
}

function otherWayLines(run: RunInfo, lead: ComparedWay, ways: readonly ComparedWay[], view: ReportView, paint: Style): string[] {
  if (ways.length === 0) return [];
  const rows = ways.map((way) => [
    terminalText(wayBeside(run, lead, way)),
    way.figures === null ? "-" : count(way.figures.figures.peakContext.median),
    reductionText(way.reductions.peakContext),
    reductionText(way.reductions.billed),
    way.figures?.play == null ? "-" : duration(way.figures.play.median),
  ]);
  const [head = "", ...body] = columns([["other ways", "peak", "reduction", "billed", "played in"], ...rows], view.columns - 2);
  return ["", `  ${paint.dim(head)}`, ...body.map((line) => `  ${line}`)];
}

/** A way in a table below `lead`, whose mode need not be said again. */
function wayBeside(run: RunInfo, lead: ComparedWay, way: ComparedWay): string {
  const text = wayText(run, way);
  const mode = `${lead.mode}, `;
  return text.startsWith(mode) ? text.slice(mode.length) : text;
}
