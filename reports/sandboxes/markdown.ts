/** For a page or a pull request. */

import { markdownText } from "../escape.ts";
import type { BenchReporter } from "./reporter.ts";
import { benchNotes, sections } from "./sections.ts";

export const markdownBenchReporter: BenchReporter = {
  id: "markdown",
  title: "Tables for GitHub",
  fileName: "summary.md",
  render(info, summary, { notes }) {
    const lines = [
      `# Sandboxes, ${markdownText(info.id)}`,
      ...sections(info, summary).flatMap(({ title, about, table: body }) => [
        "",
        `## ${markdownText(title)}`,
        ...(about === "" ? [] : ["", markdownText(about)]),
        ...(body === null ? [] : ["", ...table(body.head, body.rows)]),
      ]),
      "",
      "## Notes",
      "",
      ...[...notes, ...benchNotes(info, summary)].map((note) => `- ${markdownText(note)}`),
    ];
    return `${lines.join("\n")}\n`;
  },
};

/** Cells are escaped here and nowhere else. Columns of numbers stand flush right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(" | ")} |`;
  const isNumeric = (i: number) => rows.every((row) => /^\d|^-?$/.test(row[i] ?? ""));
  return [line(head), `|${head.map((_, i) => (isNumeric(i) ? " ---: |" : " --- |")).join("")}`, ...rows.map(line)];
}
