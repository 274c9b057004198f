/** Filtering on the server: the tool that makes a fair baseline for scenarios about large sheets. Offered by option. */
import { z } from "zod";
import { compareText } from "../../lib/collection.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import type { DriveState } from "../state.ts";
import { tabOf } from "./sheets.ts";

const tool = toolsOver<DriveState>();

const operators = [
  "equals",
  "not_equals",
  "contains",
  "starts_with",
  "greater_than",
  "less_than",
  "is_empty",
  "is_not_empty",
] as const;

/** As numbers where both are numbers, else as text. */
function compareCells(cell: string, value: string): number {
  const a = Number(cell);
  const b = Number(value);
  return cell === "" || value === "" || Number.isNaN(a) || Number.isNaN(b) ? compareText(cell, value) : a - b;
}

const tests: { readonly [O in (typeof operators)[number]]: (cell: string, value: string) => boolean } = {
  equals: (cell, value) => cell === value,
  not_equals: (cell, value) => cell !== value,
  contains: (cell, value) => cell.includes(value),
  starts_with: (cell, value) => cell.startsWith(value),
  greater_than: (cell, value) => compareCells(cell, value) > 0,
  less_than: (cell, value) => compareCells(cell, value) < 0,
  is_empty: (cell) => cell === "",
  is_not_empty: (cell) => cell !== "",
};

export const querySheet = tool({
  name: "query_sheet",
  description:
    "Find the rows of a spreadsheet that meet every condition, and return only those, with the header row first. Comparisons are case-sensitive; greater_than and less_than compare numbers where both sides are numbers.",
  input: z.object({
    spreadsheetId: z.string().describe("ID of the spreadsheet"),
    sheet: z.string().optional().describe("Title of the tab; default: the first tab"),
    where: z
      .array(
        z.object({
          column: z.string().describe("Column header"),
          operator: z.enum(operators).describe("How to compare"),
          value: z.string().default("").describe("Value to compare with"),
        }),
      )
      .describe("Conditions, all of which must hold; an empty list matches every row"),
    select: z.array(z.string()).min(1).optional().describe("Column headers to return; default: all columns"),
    limit: z.int().min(0).optional().describe("Rows to return at most; 0 only counts"),
    offset: z.int().min(0).default(0).describe("Matching rows to skip"),
  }),
  output: z.object({
    matchCount: z.int().describe("Rows that match, returned or not"),
    nextOffset: z.int().nullable().describe("Offset of the next match that was not returned, null if there is none"),
    values: z.array(z.array(z.string())).describe("Matching rows, header row first"),
  }),
  run(state, args) {
    const tab = tabOf(state, args.spreadsheetId, args.sheet);
    const [header = [], ...rows] = tab.rows;
    const columnOf = (name: string) => {
      const index = header.indexOf(name);
      if (index < 0) throw new ToolFailure(`No column "${name}". Columns: ${header.join(", ")}.`);
      return index;
    };
    const conditions = args.where.map(({ column, operator, value }) => ({
      column: columnOf(column),
      test: tests[operator],
      value,
    }));
    const columns = (args.select ?? header).map(columnOf);
    const matches = rows.filter((row) => conditions.every(({ column, test, value }) => test(row[column] ?? "", value)));
    const end = Math.min(args.offset + (args.limit ?? matches.length), matches.length);
    return {
      matchCount: matches.length,
      nextOffset: end < matches.length ? end : null,
      values: [header, ...matches.slice(args.offset, end)].map((row) => columns.map((index) => row[index] ?? "")),
    };
  },
});
