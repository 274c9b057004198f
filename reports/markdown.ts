/** `summary.md`: everything that the terminal shows and what it has no room for, as tables. */

import { type Reporter, type RunInfo, type Subject, subjectAxes, wordsOf } from "../contract/index.ts";
import { doubts, playedRows, triedCell, triedText } from "./doubt.ts";
import { markdownCode, markdownText } from "./escape.ts";
import { type Block, type Bound, type Summary, summarise } from "./figures/summarise.ts";
import { honestyNotes, markNotes } from "./notes.ts";
import { count, duration, percent } from "./numbers.ts";
import { claimTexts, restatedRows, shortName } from "./short.ts";
import { tellingBlocks } from "./telling.ts";
import {
  boundLabels,
  conclusionLabels,
  controlText,
  detailText,
  measureRows,
  notFittingMark,
  paramsText,
  range,
  reductionText,
  sideNames,
  toolsText,
  wayText,
} from "./wording.ts";

export const markdownReporter: Reporter = {
  id: "markdown",
  title: "Tables with every way to play, bounds and sensitivity",
  fileName: "summary.md",
  render(run, records, { notes }) {
    const summary = summarise(run, records);
    const { planned, played, passed } = summary.cells;
    return `${[
      `# mcp-code-bench ${markdownText(run.runId)}`,
      "",
      `${count(played)} of ${count(planned)} ${planned === 1 ? "cell" : "cells"} played, ${count(passed)} passed. Started ${markdownText(run.startedAt)}.`,
      ...summary.blocks.flatMap((block) => blockLines(run, block)),
      ...causeLines(run, summary),
      ...boundLines(summary.bounds),
      ...doubtLines(run, summary),
      ...playedLines(summary),
      ...sensitivityLines(run, summary),
      ...restatedLines(run, summary),
      "",
      "## Controls",
      "",
      ...summary.controls.map(
        (control) => `- **${control.id}: ${control.status.replace("-", " ")}.** ${markdownText(controlText(control))}`,
      ),
      ...problemLines(run, summary),
      "",
      "## Notes",
      "",
      ...[...notes, ...markNotes(run, summary), ...honestyNotes(run, summary)].map((note) => `- ${markdownText(note)}`),
      ...run.skipped.map(
        ({ what, reason, fix }) => `- Skipped: ${markdownText(what)}: ${markdownText(reason)}. ${markdownText(fix)}`,
      ),
    ].join("\n")}\n`;
  },
};

function blockLines(run: RunInfo, block: Block): string[] {
  const [way, ...others] = block.ways;
  const names = sideNames(run);
  const heading = [
    "",
    `## ${markdownText(block.scenario)}`,
    "",
    markdownText(`${detailText(block)}.${way === undefined ? "" : ` ${names.compared} = ${wayText(run, way)}.`}`),
  ];
  if (way === undefined) return [...heading, "", "Nothing to compare with."];
  const beside = (value: string, values: string) => (values === "" ? value : `${value} (${values})`);
  return [
    ...heading,
    "",
    ...table(
      ["", names.baseline, names.compared, "reduction"],
      measureRows(run, block.baseline, way).map((row) => [
        row.label,
        beside(row.baseline, row.baselineRange),
        beside(row.compared, row.comparedRange),
        beside(row.reduction, row.reductionRange),
      ]),
    ),
    ...(others.length === 0
      ? []
      : [
          "",
          ...table(
            ["other ways", "passed", "peak context", "reduction", "billed in all", "reduction", "played here in"],
            others.map(({ figures, reductions, ...other }) => [
              wayText(run, other),
              `${other.passed}/${other.played}`,
              figures === null ? "-" : count(figures.figures.peakContext.median),
              reductionText(reductions.peakContext),
              figures === null ? "-" : count(figures.figures.billed.median),
              reductionText(reductions.billed),
              figures?.play == null ? "-" : duration(figures.play.median),
            ]),
          ),
        ]),
  ];
}

function causeLines(run: RunInfo, summary: Summary): string[] {
  const names = sideNames(run);
  return tellingBlocks(run, summary).flatMap((block, i) => {
    const [way] = block.ways;
    const baseline = block.baseline?.figures?.causes ?? [];
    const compared = way?.figures?.causes ?? [];
    if (way === undefined) return [];
    const causes = [...new Set([...baseline, ...compared].map(({ cause }) => cause))];
    const zero = { peakContext: 0, billed: 0 };
    const rows = causes.map((cause) => {
      const a = baseline.find((row) => row.cause === cause) ?? zero;
      const b = compared.find((row) => row.cause === cause) ?? zero;
      return [cause, count(a.peakContext), count(b.peakContext), count(a.billed), count(b.billed)];
    });
    return [
      ...(i === 0 ? ["", "## Where the tokens went"] : []),
      "",
      markdownText(
        `${subjectText(block)}. ${names.compared} = ${wayText(run, way)}. Each column adds up to its median over seeds.`,
      ),
      "",
      ...table(
        ["cause", ...["peak", "billed"].flatMap((figure) => [`${names.baseline}, ${figure}`, `${names.compared}, ${figure}`])],
        rows,
      ),
    ];
  });
}

const subjectText = (subject: Subject) => wordsOf(subject, subjectAxes).join(", ");

function boundLines(bounds: readonly Bound[]): string[] {
  if (bounds.length === 0) return [];
  const end = ({ reduction, fits }: Bound["low"]) => `${percent(reduction)}${fits ? "" : notFittingMark}`;
  return [
    "",
    "## Bounds of the reduction",
    "",
    "Over policies, output schemas, parameters, sandboxes, seeds, counters, serialisations and, for cost, caching.",
    "",
    ...table(
      ["scenario", "tools", "mode", "measure", "lowest", "at", "highest", "at"],
      bounds.map(({ scenario, tools, mode, measure, low, high }) => [
        scenario,
        toolsText(tools),
        mode,
        boundLabels[measure],
        end(low),
        low.at,
        end(high),
        high.at,
      ]),
    ),
  ];
}

function doubtLines(run: RunInfo, summary: Summary): string[] {
  if (summary.robustness.length === 0) return [];
  const found = doubts(summary);
  const rows = found.flatMap(({ block, way, conclusion: { measure, tried, flips } }) =>
    flips.map(({ choice, ...flip }) => [
      subjectText(block),
      wayText(run, way),
      conclusionLabels[measure],
      reductionText(way.reductions[measure]),
      `${count(flips.length)} of ${count(tried.length)}`,
      choice,
      triedCell(flip),
    ]),
  );
  const head = ["subject", "way", "measure", "reduction", "choices that turn it", "choice", "reduction"];
  return ["", "## Not robust", "", markdownText(triedText(run, found)), ...(rows.length === 0 ? [] : ["", ...table(head, rows)])];
}

function playedLines(summary: Summary): string[] {
  const rows = summary.blocks.flatMap((block) => playedRows(summary, block).map((cells) => [subjectText(block), ...cells]));
  if (rows.length === 0) return [];
  const head = ["subject", "choice", "peak context", "billed in all", "cost, warm cache"];
  return ["", "## Other policies and output schemas", "", "Reductions.", "", ...table(head, rows)];
}

/** Those subjects first whose causes are shown. */
function sensitivityLines(run: RunInfo, summary: Summary): string[] {
  const { sensitivity } = summary;
  if (sensitivity.length === 0) return [];
  const first = tellingBlocks(run, summary).map(subjectText);
  const place = (name: string) => (first.includes(name) ? first.indexOf(name) : first.length);
  const rows = sensitivity
    .toSorted((a, b) => place(subjectText(a)) - place(subjectText(b)))
    .flatMap((one) =>
      one.rows.map((row) => [
        subjectText(one),
        wayText(run, one),
        row.counter,
        row.serialisation,
        reductionText(row.peakContext),
        reductionText(row.billed),
        range(row.billed, percent),
      ]),
    );
  return [
    "",
    "## Sensitivity to counter and serialisation",
    "",
    "Reductions, medians over seeds.",
    "",
    ...table(["subject", "way", "counter", "serialisation", "peak context", "billed in all", "over seeds"], rows),
  ];
}

function restatedLines(run: RunInfo, summary: Summary): string[] {
  const rows = restatedRows(run, summary).map(({ block, under, framing, cells, fits }) => [
    shortName(run, summary, block),
    under,
    framing,
    ...cells,
    fits,
  ]);
  if (rows.length === 0) return [];
  const names = sideNames(run);
  const head = [
    "subject",
    "under",
    "framing",
    `${names.baseline}, peak`,
    `${names.compared}, peak`,
    "peak context",
    "billed in all",
    "cost, warm",
    "fits",
  ];
  return [
    "",
    "## In short, and under every profile",
    "",
    markdownText(
      `Peak context in tokens, and reductions. Framing is the provider's own tool-use prompt: tokens in each request with tools, in the provider's tokens, added unchanged under every counter. ${notFittingMark} does not fit the row's own window.`,
    ),
    "",
    ...table(head, rows),
    ...claimTexts(run, summary).flatMap((claim) => ["", markdownText(claim)]),
  ];
}

/** More than this many different problems are counted, not listed. */
const shownProblems = 50;

function problemLines(run: RunInfo, { problems }: Summary): string[] {
  if (problems.length === 0) return [];
  return [
    "",
    "## Did not pass",
    "",
    ...problems
      .slice(0, shownProblems)
      .map(
        ({ status, cells, key, message }) =>
          `- ${count(cells)} x ${markdownText(`${key.scenario}, ${wayText(run, key)}, ${paramsText(key.params)}, e.g. seed ${key.seed}`)}: ${status}: ${markdownCode(message)}`,
      ),
    ...(problems.length > shownProblems ? [`- and ${count(problems.length - shownProblems)} more`] : []),
  ];
}

/** Cells are escaped here and nowhere else. Columns of numbers stand flush right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(" | ")} |`;
  const isNumeric = (i: number) => rows.every((row) => /^[-<>$]*\d|^-?$/.test(row[i] ?? ""));
  return [line(head), `|${head.map((_, i) => (isNumeric(i) ? " ---: |" : " --- |")).join("")}`, ...rows.map(line)];
}
