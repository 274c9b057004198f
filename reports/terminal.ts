/** The report that a run prints: a block for each subject, then what puts its figures in doubt or in context. */
import { type Block, type Side, type Summary, summarise, type Way } from "../bench/summarise.ts";
import type { Reporter, ReportView, RunInfo } from "../bench/types/index.ts";
import { terminalText } from "./escape.ts";
import { count, duration, percent } from "./numbers.ts";
import { columns, columnsFit, type Style, style, wrapped } from "./terminal-layout.ts";
import {
  boundLabels,
  controlText,
  hasMark,
  honestyNotes,
  largestBlock,
  markText,
  measureRows,
  notFittingMark,
  paramsText,
  range,
  reductionText,
  timeRange,
  toolsText,
  variantText,
  wayText,
} from "./wording.ts";

export const terminalReporter: Reporter = {
  id: "terminal",
  title: "Plain text for a terminal of 60 to 200 columns",
  fileName: "summary.txt",
  render(run, records, view) {
    const summary = summarise(run, records);
    const paint = style(view.colours);
    const sections = [
      titleLines(run, summary, view, paint),
      ...summary.blocks.map((block) => blockLines(run, block, view, paint)),
      causeLines(summary, view, paint),
      boundLines(summary, view, paint),
      sensitivityLines(summary, view, paint),
      controlLines(summary, view, paint),
      problemLines(summary, view, paint),
      overviewLines(summary, view, paint),
      noteLines(run, summary, view, paint),
    ];
    return `${sections
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join("\n"))
      .join("\n\n")}\n`;
  },
};

function titleLines(run: RunInfo, { cells }: Summary, { columns: width }: ReportView, { bold, red, green }: Style): string[] {
  const failed = cells.played - cells.passed;
  const state = failed === 0 ? green("all passed") : red(`${count(failed)} did not pass`);
  const played = cells.played === cells.planned ? count(cells.played) : `${count(cells.played)} of ${count(cells.planned)}`;
  return [
    ...wrapped(`mcp-code-bench ${terminalText(run.runId)}`, width, "").map(bold),
    `${played} cells played, ${state}`,
    ...wrapped("direct = direct-tool-call; reduction = 1 - code/direct, median over seeds", width, ""),
  ];
}

function blockLines(run: RunInfo, block: Block, view: ReportView, paint: Style): string[] {
  const [way, ...others] = block.ways;
  const heading = [
    ...wrapped(terminalText(block.scenario), view.columns, "").map(paint.bold),
    ...wrapped(terminalText(`${paramsText(block.params)}; ${toolsText(block.tools)}`), view.columns, "  "),
  ];
  if (way === undefined) return [...heading, ...directOnlyLines(block)];
  const rows = measureRows(run, block.direct, way);
  const wide = [
    ["", "direct", "code", "reduction", "over seeds"],
    ...rows.map((row) => [row.label, row.direct, row.code, row.reduction, row.reductionRange]),
  ];
  const width = view.columns - 2;
  const rangesFit = columnsFit(wide, width);
  const [head = "", ...body] = columns(rangesFit ? wide : wide.map((row) => row.slice(0, 4)), width);
  return [
    ...heading,
    ...wrapped(terminalText(`code = ${wayText(way)}`), view.columns, "  "),
    "",
    `  ${paint.dim(head)}`,
    ...body.map((line) => `  ${line}`),
    ...(rangesFit ? [] : narrowRangeLines(way, view)),
    ...timeRangeLines(block.direct, way, view),
    ...otherWayLines(others, view, paint),
  ];
}

/** The lowest and highest over seeds where a terminal has no room for a column of them. */
function narrowRangeLines({ reductions: { peakContext, billed }, pairs }: Way, view: ReportView): string[] {
  const parts = [
    peakContext === null ? "" : `peak context ${range(peakContext, percent)}`,
    billed === null ? "" : `billed ${range(billed, percent)}`,
  ].filter((part) => part.includes(" to "));
  return parts.length === 0 ? [] : wrapped(`reduction over ${count(pairs)} seeds: ${parts.join(", ")}`, view.columns, "  ");
}

/** How sure the measured times are, where there are samples enough to say. */
function timeRangeLines(direct: Side | null, way: Side, view: ReportView): string[] {
  const sides = [
    { name: "direct", play: direct?.figures?.play },
    { name: "code", play: way.figures?.play },
  ];
  const parts = sides.flatMap(({ name, play }) => (play?.interval == null ? [] : [`${name} ${timeRange(play)}`]));
  return parts.length === 0 ? [] : wrapped(`played here in: ${parts.join(", ")}`, view.columns, "  ");
}

function directOnlyLines({ direct }: Block): string[] {
  const peak = direct?.figures?.figures.peakContext.median;
  return ["  Nothing to compare with.", ...(peak === undefined ? [] : [`  direct: peak context ${count(peak)} tokens`])];
}

function otherWayLines(ways: readonly Way[], view: ReportView, paint: Style): string[] {
  if (ways.length === 0) return [];
  const rows = ways.map((way) => [
    terminalText([way.mode, way.discovery, way.sandbox].filter((part) => part !== null).join(" ")),
    way.figures === null ? "-" : count(way.figures.figures.peakContext.median),
    reductionText(way.reductions.peakContext),
    reductionText(way.reductions.billed),
    way.figures?.play == null ? "-" : duration(way.figures.play.median),
  ]);
  const [head = "", ...body] = columns([["other ways", "peak", "reduction", "billed", "played in"], ...rows], view.columns - 2);
  return ["", `  ${paint.dim(head)}`, ...body.map((line) => `  ${line}`)];
}

function causeLines({ blocks }: Summary, { columns: width }: ReportView, paint: Style): string[] {
  const block = largestBlock(blocks);
  const direct = block?.direct?.figures?.causes ?? [];
  const way = block?.ways[0];
  const code = way?.figures?.causes ?? [];
  if (block === undefined || way === undefined) return [];
  const names = [...new Set([...direct, ...code].map(({ cause }) => cause))];
  const find = (side: typeof direct, cause: string) => side.find((row) => row.cause === cause)?.billed ?? 0;
  const rows = names
    .toSorted((a, b) => Math.max(find(direct, b), find(code, b)) - Math.max(find(direct, a), find(code, a)))
    .map((cause) => [cause, count(find(direct, cause)), count(find(code, cause))]);
  const [head = "", ...body] = columns([["billed tokens by cause", "direct", "code"], ...rows], width - 2);
  return [
    paint.bold("Where the tokens went"),
    ...wrapped(terminalText(`${block.scenario}, ${paramsText(block.params)}; code = ${wayText(way)}; lowest seed`), width, "  "),
    "",
    `  ${paint.dim(head)}`,
    ...body.map((line) => `  ${line}`),
  ];
}

function boundLines({ bounds }: Summary, { columns: width }: ReportView, paint: Style): string[] {
  if (bounds.length === 0) return [];
  const end = (side: { reduction: number; fits: boolean }) => `${percent(side.reduction)}${side.fits ? "" : notFittingMark}`;
  const rows = bounds.map(({ scenario, tools, mode, measure, low, high }) => [
    terminalText(`${scenario}${tools === null ? "" : ` ${toolsText(tools)}`} ${mode}, ${boundLabels[measure]}`),
    end(low),
    end(high),
  ]);
  const [head = "", ...body] = columns([["", "lowest", "highest"], ...rows], width - 2);
  return [
    paint.bold("Bounds of the reduction"),
    ...wrapped("Over discovery, parameters, seeds, counters, serialisations and, for cost, caching.", width, "  "),
    "",
    `  ${paint.dim(head)}`,
    ...body.map((line) => `  ${line}`),
  ];
}

/** One line a counter and serialisation, for the largest block; the Markdown report has them all. */
function sensitivityLines({ blocks, sensitivity }: Summary, { columns: width }: ReportView, paint: Style): string[] {
  const block = largestBlock(blocks);
  const way = block?.ways[0];
  if (block === undefined || way === undefined) return [];
  const table = sensitivity.find(
    (candidate) =>
      candidate.scenario === block.scenario &&
      paramsText(candidate.params) === paramsText(block.params) &&
      candidate.tools === block.tools &&
      candidate.mode === way.mode &&
      candidate.discovery === way.discovery,
  );
  if (table === undefined || table.rows.length < 2) return [];
  const rows = table.rows.map((row) => [
    terminalText(`${row.counter} ${row.serialisation}`),
    reductionText({ ...row.peakContext, fits: row.fits }),
    reductionText({ ...row.billed, fits: row.fits }),
    range(row.billed, percent),
  ]);
  const [head = "", ...body] = columns([["reduction", "peak context", "billed", "over seeds"], ...rows], width - 2);
  return [
    paint.bold("Sensitivity to the counter"),
    ...wrapped(terminalText(`${block.scenario}, ${paramsText(block.params)}`), width, "  "),
    "",
    `  ${paint.dim(head)}`,
    ...body.map((line) => `  ${line}`),
  ];
}

function controlLines({ controls }: Summary, { columns: width }: ReportView, paint: Style): string[] {
  const marks = { passed: paint.green("passed"), failed: paint.red("FAILED"), "not-played": paint.dim("not played") };
  return [
    paint.bold("Controls"),
    ...controls.flatMap((control) => [
      `  ${control.id}: ${marks[control.status]}`,
      ...wrapped(terminalText(controlText(control)), width, "    "),
    ]),
  ];
}

/** More than this many different problems are counted, not listed. */
const shownProblems = 10;

function problemLines({ problems }: Summary, { columns: width }: ReportView, paint: Style): string[] {
  if (problems.length === 0) return [];
  return [
    paint.bold("Did not pass"),
    ...problems
      .slice(0, shownProblems)
      .flatMap(({ status, cells, key, message }) => [
        ...wrapped(
          terminalText(
            `${count(cells)} x ${key.scenario}, ${wayText(key)}, ${paramsText(key.params)}, e.g. seed ${key.seed}: ${status}`,
          ),
          width,
          "  ",
        ),
        ...wrapped(terminalText(message), width, "    "),
      ]),
    ...(problems.length > shownProblems ? [`  and ${count(problems.length - shownProblems)} more; see records.jsonl`] : []),
  ];
}

/** One line a block, near the prompt: what most readers look for. */
function overviewLines({ blocks }: Summary, { columns: width }: ReportView, paint: Style): string[] {
  if (blocks.length < 2) return [];
  const peak = (side: Side | null) => (side?.figures == null ? "-" : count(side.figures.figures.peakContext.median));
  const rows = blocks.flatMap((block, i) => {
    const { scenario, ways, direct } = block;
    const [way] = ways;
    const name = scenario === blocks[i - 1]?.scenario ? [] : [[terminalText(scenario)]];
    const label = `  ${terminalText(variantText(block, blocks))}`;
    if (way === undefined) return name;
    const { peakContext, billed, warmUsd } = way.reductions;
    return [...name, [label, peak(direct), peak(way), ...[peakContext, billed, warmUsd].map(reductionText)]];
  });
  const [head = "", ...body] = columns([["", "direct", "code", "peak", "billed", "cost"], ...rows], width - 2);
  return [
    paint.bold("In short"),
    ...wrapped("Peak context in tokens; reductions of it, of all billed tokens, and of the cost with a warm cache.", width, "  "),
    "",
    `  ${paint.dim(head)}`,
    ...body.map((line) => `  ${line}`),
  ];
}

function noteLines(run: RunInfo, summary: Summary, { columns: width, notes }: ReportView, paint: Style): string[] {
  const marked = hasMark(summary) ? [markText(run)] : [];
  const skipped = run.skipped.map(({ what, reason, fix }) => `Skipped: ${what}: ${reason}. ${fix}`);
  return [
    paint.bold("Notes"),
    ...[...notes, ...marked, ...skipped, ...honestyNotes(run, summary)].flatMap((note) => {
      const [first = "", ...rest] = wrapped(terminalText(note), width, "    ");
      return [first.replace("    ", "  - "), ...rest];
    }),
  ];
}
