/** A look at how the file begins, then one program that reads all of it and prints three figures. */
import type { CodeScript } from "../../contract/index.ts";
import { printedJson, resultText } from "../results.ts";
import type { CsvSummaryRealParams } from "./params.ts";

export const code: CodeScript<CsvSummaryRealParams> = function* ({ facts: { path = "" } }, { declaresOutput }) {
  const start = resultText(
    yield { say: "I'll look at the file's columns first.", uses: [{ file: "look-at-start.ts", values: { path }, looks: true }] },
  );
  const columns = /\w+(?:,\w+)+/.exec(start)?.[0].split(",") ?? [];
  const values = { path, regionColumn: columnNamed(columns, "region"), unitsColumn: columnNamed(columns, "units") };
  const file = declaresOutput("filesystem", "read_text_file") ? "summarise-sales.ts" : "summarise-text.ts";
  return printedJson(yield { say: "I'll summarise the file with a program.", uses: [{ file, values }] });
};

/** The column that a reader of the question takes: the one whose name has the question's word in it. */
function columnNamed(columns: readonly string[], word: string): string {
  const column = columns.find((name) => name.toLowerCase().includes(word));
  if (column === undefined) throw new Error(`it sees no column for ${word} in: ${columns.join(", ")}`);
  return column;
}
