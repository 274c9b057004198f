/** For a terminal: a table a figure, backends below each other. */

import { terminalText } from "../escape.ts";
import { columns, columnsFit, style, wrapped } from "../terminal/terminal-layout.ts";
import type { BenchReporter } from "./reporter.ts";
import type { Section } from "./section.ts";
import { benchNotes, sections } from "./sections.ts";

export const terminalBenchReporter: BenchReporter = {
  id: "terminal",
  title: "Plain text for a terminal of 60 to 200 columns",
  fileName: "summary.txt",
  render(info, summary, { columns: width, colours, notes }) {
    const { bold, dim } = style(colours);
    const sectionLines = ({ title, about, table }: Section): string[] => [
      bold(terminalText(title)),
      ...(about === "" ? [] : wrapped(about, width, "  ").map(dim)),
      ...(table === null ? [] : tableLines(table, width, dim)),
    ];
    return `${[
      [...wrapped(`mcp-code-bench sandboxes ${terminalText(info.id)}`, width, "").map(bold)],
      ...sections(info, summary).map(sectionLines),
      [bold("Notes"), ...[...notes, ...benchNotes(info, summary)].flatMap((note) => wrapped(terminalText(note), width, "  "))],
    ]
      .map((lines) => lines.join("\n"))
      .join("\n\n")}\n`;
  },
};

/** Aligned; without its dispensable columns where it is too wide, and then as one paragraph a row. */
function tableLines(table: NonNullable<Section["table"]>, width: number, dim: (text: string) => string): string[] {
  const all = [table.head, ...table.rows].map((row) => row.map(terminalText));
  const kept = table.head.map((name) => table.dispensable?.includes(name) !== true);
  const narrow = all.map((row) => row.filter((_, i) => kept[i]));
  const rows = [all, narrow].find((candidate) => columnsFit(candidate, width - 2));
  if (rows !== undefined) return columns(rows, width - 2).map((line, i) => `  ${i === 0 ? dim(line) : line}`);
  return all.slice(1).flatMap((row) => paragraph(all[0] ?? [], row, width));
}

/** The first cell as a heading, then what each other cell is. */
function paragraph(head: readonly string[], [name = "", ...cells]: readonly string[], width: number): string[] {
  const text = cells.flatMap((cell, i) => (cell === "" ? [] : [`${head[i + 1] ?? ""} ${cell}`])).join("; ");
  return [`  ${name}`, ...wrapped(text, width, "    ")];
}
