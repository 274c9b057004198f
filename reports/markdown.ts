/** `summary.md`: everything that the terminal shows and what it has no room for, as tables. */
import { type Block, type Bound, type Sensitivity, type Summary, summarise } from "../bench/summarise.ts";
import type { Reporter, RunInfo } from "../bench/types/index.ts";
import { markdownCode, markdownText } from "./escape.ts";
import { count, duration, percent } from "./numbers.ts";
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
      `${count(played)} of ${count(planned)} cells played, ${count(passed)} passed. Started ${markdownText(run.startedAt)}.`,
      ...summary.blocks.flatMap((block) => blockLines(run, block)),
      ...causeLines(summary),
      ...boundLines(summary.bounds),
      ...sensitivityLines(summary.sensitivity),
      "",
      "## Controls",
      "",
      ...summary.controls.map(
        (control) => `- **${control.id}: ${control.status.replace("-", " ")}.** ${markdownText(controlText(control))}`,
      ),
      ...problemLines(summary),
      "",
      "## Notes",
      "",
      ...[...notes, ...(hasMark(summary) ? [markText(run)] : []), ...honestyNotes(run, summary)].map(
        (note) => `- ${markdownText(note)}`,
      ),
      ...run.skipped.map(
        ({ what, reason, fix }) => `- Skipped: ${markdownText(what)}: ${markdownText(reason)}. ${markdownText(fix)}`,
      ),
    ].join("\n")}\n`;
  },
};

function blockLines(run: RunInfo, block: Block): string[] {
  const [way, ...others] = block.ways;
  const heading = [
    "",
    `## ${markdownText(block.scenario)}`,
    "",
    markdownText(
      `${paramsText(block.params)}; ${toolsText(block.tools)}.${way === undefined ? "" : ` Code is ${wayText(way)}.`}`,
    ),
  ];
  if (way === undefined) return [...heading, "", "Nothing to compare with."];
  const beside = (value: string, values: string) => (values === "" ? value : `${value} (${values})`);
  return [
    ...heading,
    "",
    ...table(
      ["", "direct", "code", "reduction"],
      measureRows(run, block.direct, way).map((row) => [
        row.label,
        beside(row.direct, row.directRange),
        beside(row.code, row.codeRange),
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
              wayText(other),
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

function causeLines({ blocks }: Summary): string[] {
  const block = largestBlock(blocks);
  const way = block?.ways[0];
  const direct = block?.direct?.figures?.causes ?? [];
  const code = way?.figures?.causes ?? [];
  if (block === undefined || way === undefined) return [];
  const names = [...new Set([...direct, ...code].map(({ cause }) => cause))];
  const zero = { peakContext: 0, billed: 0 };
  const rows = names.map((cause) => {
    const a = direct.find((row) => row.cause === cause) ?? zero;
    const b = code.find((row) => row.cause === cause) ?? zero;
    return [cause, count(a.peakContext), count(b.peakContext), count(a.billed), count(b.billed)];
  });
  return [
    "",
    "## Where the tokens went",
    "",
    markdownText(`${block.scenario}, ${paramsText(block.params)}. Code is ${wayText(way)}. Lowest seed.`),
    "",
    ...table(["cause", "direct, peak", "code, peak", "direct, billed", "code, billed"], rows),
  ];
}

function boundLines(bounds: readonly Bound[]): string[] {
  if (bounds.length === 0) return [];
  const end = ({ reduction, fits }: Bound["low"]) => `${percent(reduction)}${fits ? "" : notFittingMark}`;
  return [
    "",
    "## Bounds of the reduction",
    "",
    "Over discovery, parameters, sandboxes, seeds, counters, serialisations and, for cost, caching.",
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

function sensitivityLines(sensitivity: readonly Sensitivity[]): string[] {
  if (sensitivity.length === 0) return [];
  const rows = sensitivity.flatMap(({ rows: counted, ...subject }) =>
    counted.map((row) => [
      `${subject.scenario}, ${paramsText(subject.params)}, ${toolsText(subject.tools)}`,
      `${subject.mode}, ${subject.discovery}`,
      row.counter,
      row.serialisation,
      reductionText({ ...row.peakContext, fits: row.fits }),
      reductionText({ ...row.billed, fits: row.fits }),
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

/** More than this many different problems are counted, not listed. */
const shownProblems = 50;

function problemLines({ problems }: Summary): string[] {
  if (problems.length === 0) return [];
  return [
    "",
    "## Did not pass",
    "",
    ...problems
      .slice(0, shownProblems)
      .map(
        ({ status, cells, key, message }) =>
          `- ${count(cells)} x ${markdownText(`${key.scenario}, ${wayText(key)}, ${paramsText(key.params)}, e.g. seed ${key.seed}`)}: ${status}: ${markdownCode(message)}`,
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
