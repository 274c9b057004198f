/** What puts the figures in doubt, in the terminal: choices that turn a sign, other policies, other counters. */

import type { ReportView, RunInfo } from "../../contract/index.ts";
import { doubts, playedRows, triedText, turnedText } from "../doubt.ts";
import { terminalText } from "../escape.ts";
import { type Block, ofWay, type Summary } from "../figures/summarise.ts";
import { count, percent } from "../numbers.ts";
import { shortName } from "../short.ts";
import { tellingBlocks } from "../telling.ts";
import { conclusionLabels, range, reductionText } from "../wording.ts";
import { columns, columnsFit, type Style, wrapped } from "./terminal-layout.ts";

/** More subjects than this have their causes, choices and counters in the Markdown report only. */
export const shownSubjects = 3;

export function doubtLines(run: RunInfo, summary: Summary, { columns: width }: ReportView, paint: Style): string[] {
  if (summary.robustness.length === 0) return [];
  // Other ways are in the Markdown report: on another sandbox they are mostly the same lines again.
  const found = doubts(summary).filter(({ block, way }) => way === block.ways[0]);
  const subjects = new Set(found.map(({ block }) => block));
  return [
    paint.bold("Not robust"),
    ...wrapped(triedText(run, found), width, "  "),
    ...[...subjects].flatMap((subject) => [
      "",
      ...wrapped(terminalText(shortName(run, summary, subject)), width, "  "),
      ...found
        .filter(({ block }) => block === subject)
        .flatMap(({ way, conclusion: { measure, tried, flips } }) => {
          const turned = flips.map(turnedText).join(", ");
          const text = `${conclusionLabels[measure]} ${reductionText(way.reductions[measure])}; ${count(flips.length)} of ${count(tried.length)} choices: ${turned}`;
          const [first = "", ...rest] = wrapped(terminalText(text), width, "      ");
          return [first.replace("      ", "    "), ...rest];
        }),
    ]),
  ];
}

/** A line for each counter and serialisation; the Markdown report has every subject. */
export function sensitivityLines(run: RunInfo, summary: Summary, { columns: width }: ReportView, paint: Style): string[] {
  const subjects = tellingBlocks(run, summary)
    .slice(0, shownSubjects)
    .flatMap((block) => {
      const [way] = block.ways;
      const [table] = way === undefined ? [] : ofWay(summary.sensitivity, block, way);
      const rows = (table?.rows ?? []).map(({ counter, serialisation, peakContext, billed }) => [
        terminalText(`  ${counter} ${serialisation}`),
        reductionText(peakContext),
        reductionText(billed),
        range(billed, percent),
      ]);
      return rows.length < 2 ? [] : [{ name: terminalText(shortName(run, summary, block)), rows }];
    });
  if (subjects.length === 0) return [];
  const titles = ["reduction", "peak context", "billed", "over seeds"];
  const shown = columnsFit([titles, ...subjects.flatMap(({ rows }) => rows)], width - 2) ? 4 : 3;
  const lines = subjects.flatMap(({ name, rows }) => [[name], ...rows.map((row) => row.slice(0, shown))]);
  const [head = "", ...body] = columns([titles.slice(0, shown), ...lines], width - 2);
  return [paint.bold("Sensitivity to the counter"), "", `  ${paint.dim(head)}`, ...body.map((line) => `  ${line}`)];
}

/** What else was played, a line for each choice, of the subjects that come first; the Markdown report has every subject. */
export function playedLines(run: RunInfo, summary: Summary, { columns: width }: ReportView, paint: Style): string[] {
  const shown = (blocks: readonly Block[]) => blocks.filter((block) => playedRows(summary, block).length > 0);
  const telling = shown(tellingBlocks(run, summary)).slice(0, shownSubjects);
  const rows = (telling.length > 0 ? telling : shown(summary.blocks).slice(0, 1)).flatMap((block) => [
    [terminalText(shortName(run, summary, block))],
    ...playedRows(summary, block).map(([choice = "", ...cells]) => [terminalText(`  ${choice}`), ...cells]),
  ]);
  if (rows.length === 0) return [];
  const [head = "", ...body] = columns([["reduction", "peak", "billed", "cost"], ...rows], width - 2);
  return [paint.bold("Other policies and output schemas"), "", `  ${paint.dim(head)}`, ...body.map((line) => `  ${line}`)];
}
