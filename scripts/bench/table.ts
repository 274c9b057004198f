/** Results as aligned text: every figure with its unit, every target with what became of it. */
import type { BenchmarkResult, Comparison, Listing, Spread, Target, Unit } from "./comparison.ts";

export function resultText({ comparisons, listings = [], notes }: BenchmarkResult): string {
  const parts: string[] = [];
  if (comparisons.length > 0) parts.push(aligned([comparisonHead, ...comparisons.map(comparisonRow)]));
  for (const listing of listings) parts.push(listingText(listing));
  if (notes.length > 0) parts.push(notes.map((note) => `  - ${wrap(note, 116, "    ")}`).join("\n"));
  return parts.join("\n\n");
}

/** One line for each comparison that has a target. */
export function summaryText(results: readonly { readonly id: string; readonly result: BenchmarkResult }[]): string {
  const rows = results.flatMap(({ id, result }) =>
    result.comparisons
      .filter(({ target }) => target !== undefined)
      .map((comparison) => {
        const [what = "", , , ...rest] = comparisonRow(comparison);
        return [id, what, ...rest];
      }),
  );
  return aligned([["benchmark", "compared", "result", "(min to max)", "target", ""], ...rows]);
}

const comparisonHead = ["compared", "ours", "against", "result", "(min to max)", "target", ""];

function comparisonRow({ what, left, right, figure, target, met }: Comparison): string[] {
  return [
    what,
    format(left.spread.median, left.unit),
    format(right.spread.median, right.unit),
    format(figure.spread.median, figure.unit),
    range(figure.spread, figure.unit),
    target === undefined ? "none" : targetText(target),
    met === undefined ? "" : met ? "met" : "not met",
  ];
}

const range = ({ min, max }: Spread, unit: Unit) => `(${format(min, unit)} to ${format(max, unit)})`;
const targetText = ({ bound, value, unit }: Target) => `${bound} ${format(value, unit)}`;

function format(value: number, unit: Unit): string {
  switch (unit) {
    case "ratio":
      return `${value.toFixed(2)}x`;
    case "percent":
      return `${value.toFixed(1)} %`;
    case "tokens":
      return `${Math.round(value).toLocaleString("en-US")}`;
    case "MB":
      return `${value.toFixed(1)} MB`;
    case "ms": {
      const size = Math.abs(value);
      if (size >= 1_000) return `${(value / 1000).toFixed(2)} s`;
      if (size >= 100) return `${value.toFixed(0)} ms`;
      if (size >= 0.1) return `${value.toFixed(2)} ms`;
      return `${(value * 1000).toFixed(1)} us`;
    }
  }
}

function listingText({ title, head, rows }: Listing): string {
  return `  ${title}\n${aligned([head, ...rows])}`;
}

/** First column to the left, the rest to the right, two spaces between. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      `  ${widths.map((width, column) => pad(row[column] ?? "", width, column === 0 || column === widths.length)).join("  ")}`.trimEnd(),
    )
    .join("\n");
}

const pad = (text: string, width: number, left: boolean) => (left ? text.padEnd(width) : text.padStart(width));

function wrap(text: string, columns: number, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length >= columns - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}
