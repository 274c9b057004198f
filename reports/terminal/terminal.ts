/** The report that a run prints: a block for each subject, then what puts its figures in doubt or in context. */

import type { Reporter, ReportView, RunInfo } from "../../contract/index.ts";
import { terminalText } from "../escape.ts";
import { type Block, type Summary, summarise } from "../figures/summarise.ts";
import { honestyNotes, markNotes } from "../notes.ts";
import { count, percent } from "../numbers.ts";
import { claimTexts, otherShortTables, shortCells, shortHead, shortLabel, shortName } from "../short.ts";
import { tellingBlocks } from "../telling.ts";
import { boundLabels, controlText, notFittingMark, paramsText, sideNames, toolsText, wayText } from "../wording.ts";
import { blockLines } from "./terminal-block.ts";
import { doubtLines, playedLines, sensitivityLines, shownSubjects } from "./terminal-doubt.ts";
import { columns, type Style, style, wrapped } from "./terminal-layout.ts";

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
      causeLines(run, summary, view, paint),
      boundLines(summary, view, paint),
      doubtLines(run, summary, view, paint),
      playedLines(run, summary, view, paint),
      sensitivityLines(run, summary, view, paint),
      controlLines(summary, view, paint),
      problemLines(run, summary, view, paint),
      ...otherShortTables(run, summary).map((table) => shortLines(run, summary, table, view, paint)),
      headlineLines(run, summary, view, paint),
      noteLines(run, summary, view, paint),
    ];
    return `${sections
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join("\n"))
      .join("\n\n")}\n`;
  },
};

function titleLines(run: RunInfo, { cells }: Summary, { columns: width }: ReportView, { bold, red, green }: Style): string[] {
  const { baseline, compared } = sideNames(run, terminalText);
  const failed = cells.played - cells.passed;
  const state = failed === 0 ? green("all passed") : red(`${count(failed)} did not pass`);
  const played = cells.played === cells.planned ? count(cells.played) : `${count(cells.played)} of ${count(cells.planned)}`;
  return [
    ...wrapped(`mcp-code-bench ${terminalText(run.runId)}`, width, "").map(bold),
    `${played} ${cells.planned === 1 ? "cell" : "cells"} played, ${state}`,
    ...wrapped(
      `${baseline} = ${terminalText(run.config.baseline)}; reduction = 1 - ${compared}/${baseline}, median over seeds`,
      width,
      "",
    ),
  ];
}

/** More causes than this are added up in one row. */
const shownCauses = 7;

function causeLines(run: RunInfo, summary: Summary, { columns: width }: ReportView, paint: Style): string[] {
  const rows = tellingBlocks(run, summary)
    .slice(0, shownSubjects)
    .flatMap((block) => [[terminalText(shortName(run, summary, block))], ...causeRows(block)]);
  if (rows.length === 0) return [];
  const { baseline, compared } = sideNames(run, terminalText);
  const [head = "", ...body] = columns([["", baseline, compared], ...rows], width - 2);
  return [
    paint.bold("Where the tokens went"),
    ...wrapped("Billed tokens by cause; each column adds up to its median over seeds.", width, "  "),
    "",
    `  ${paint.dim(head)}`,
    ...body.map((line) => `  ${line}`),
  ];
}

/** The largest first, the rest in one row: each column adds up to what is billed in all. */
function causeRows({ baseline, ways: [way] }: Block): string[][] {
  const before = baseline?.figures?.causes ?? [];
  const after = way?.figures?.causes ?? [];
  const billed = (side: typeof before, cause: string) => side.find((row) => row.cause === cause)?.billed ?? 0;
  const rows = [...new Set([...before, ...after].map(({ cause }) => cause))]
    .map((cause) => ({ cause: cause as string, baseline: billed(before, cause), compared: billed(after, cause) }))
    .toSorted((a, b) => Math.max(b.baseline, b.compared) - Math.max(a.baseline, a.compared));
  const rest = rows.slice(shownCauses);
  const others = {
    cause: "all else",
    baseline: rest.reduce((sum, row) => sum + row.baseline, 0),
    compared: rest.reduce((sum, row) => sum + row.compared, 0),
  };
  return [...rows.slice(0, shownCauses), ...(rest.length === 0 ? [] : [others])].map((row) => [
    `  ${row.cause}`,
    count(row.baseline),
    count(row.compared),
  ]);
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
    ...wrapped(
      "Over policies, output schemas, parameters, sandboxes, seeds, counters, serialisations and, for cost, caching.",
      width,
      "  ",
    ),
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

function problemLines(run: RunInfo, { problems }: Summary, { columns: width }: ReportView, paint: Style): string[] {
  if (problems.length === 0) return [];
  return [
    paint.bold("Did not pass"),
    ...problems
      .slice(0, shownProblems)
      .flatMap(({ status, cells, key, message }) => [
        ...wrapped(
          terminalText(
            `${count(cells)} x ${key.scenario}, ${wayText(run, key)}, ${paramsText(key.params)}, e.g. seed ${key.seed}: ${status}`,
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
function headlineLines(run: RunInfo, summary: Summary, view: ReportView, paint: Style): string[] {
  const about = "Peak context in tokens; reductions of it, of all billed tokens, and of the cost with a warm cache.";
  const lines = shortLines(run, summary, { title: "In short", about }, view, paint);
  return [...lines, ...claimTexts(run, summary).flatMap((claim) => ["", ...wrapped(terminalText(claim), view.columns, "  ")])];
}

/** The headline's lines under the run's own facts about the model, or under those that `id` names. */
function shortLines(
  run: RunInfo,
  summary: Summary,
  { id, title, about }: { readonly id?: string; readonly title: string; readonly about: string },
  { columns: width }: ReportView,
  paint: Style,
): string[] {
  const { blocks } = summary;
  const rows = blocks.flatMap((block) => {
    const [way] = block.ways;
    if (way === undefined) return [];
    const siblings = blocks.filter(({ scenario, ways }) => scenario === block.scenario && ways.length > 0);
    const cells = shortCells(block, way, id);
    if (siblings.length === 1) return [[terminalText(shortName(run, summary, block)), ...cells]];
    const name = block === siblings[0] ? [[terminalText(block.scenario)]] : [];
    return [...name, [terminalText(`  ${shortLabel(run, summary, block)}`), ...cells]];
  });
  if (rows.length === 0) return [];
  const [head = "", ...body] = columns([["", ...shortHead(sideNames(run, terminalText))], ...rows], width - 2);
  return [
    paint.bold(terminalText(title)),
    ...wrapped(terminalText(about), width, "  "),
    "",
    `  ${paint.dim(head)}`,
    ...body.map((line) => `  ${line}`),
  ];
}

function noteLines(run: RunInfo, summary: Summary, { columns: width, notes }: ReportView, paint: Style): string[] {
  const skipped = run.skipped.map(({ what, reason, fix }) => `Skipped: ${what}: ${reason}. ${fix}`);
  return [
    paint.bold("Notes"),
    ...[...notes, ...markNotes(run, summary), ...skipped, ...honestyNotes(run, summary)].flatMap((note) => {
      const [first = "", ...rest] = wrapped(terminalText(note), width, "    ");
      return [first.replace("    ", "  - "), ...rest];
    }),
  ];
}
