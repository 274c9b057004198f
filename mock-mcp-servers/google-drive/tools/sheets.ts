/** Tools on the cells of spreadsheets. */
import { z } from "zod";
import { withRecord } from "../../lib/collection.ts";
import { ToolFailure, toolsOver } from "../../lib/mock-server.ts";
import { parseRange, rangeText } from "../a1.ts";
import type { DriveState, Sheet } from "../state.ts";
import { changeFile, fileOf } from "./files.ts";

const tool = toolsOver<DriveState>();

const spreadsheetId = z.string().describe("ID of the spreadsheet");
const sheetTitle = z.string().optional().describe("Title of the tab; default: the first tab");
const values = z.array(z.array(z.string()));

/** Every tab of a spreadsheet. Throws ToolFailure for an unknown id or a file of another kind. */
function tabsOf(state: DriveState, id: string): readonly Sheet[] {
  const file = fileOf(state, id);
  const tabs = state.spreadsheets[id];
  if (tabs === undefined) throw new ToolFailure(`${id} is a ${file.kind}, not a spreadsheet.`);
  return tabs;
}

/** One tab, the first unless named. Throws ToolFailure that lists the tabs. */
export function tabOf(state: DriveState, id: string, title: string | undefined): Sheet {
  const tabs = tabsOf(state, id);
  const tab = title === undefined ? tabs[0] : tabs.find((one) => one.title === title);
  if (tab === undefined) throw new ToolFailure(`No tab "${title}". Tabs: ${tabs.map((one) => one.title).join(", ")}.`);
  return tab;
}

function replaceTab(state: DriveState, id: string, before: Sheet, rows: readonly (readonly string[])[]): void {
  const tabs = tabsOf(state, id).map((tab) => (tab === before ? { ...tab, rows } : tab));
  state.spreadsheets = withRecord(state.spreadsheets, id, tabs);
  changeFile(state, fileOf(state, id), {});
}

/** `maxRowsPerRead`: data rows that one read_sheet gives at most; 0: no limit. */
export function sheetTools(maxRowsPerRead: number) {
  const pageLimit = maxRowsPerRead === 0 ? "" : ` At most ${maxRowsPerRead} rows are returned per call.`;
  return [
    tool({
      name: "get_spreadsheet",
      description: "Get a spreadsheet's title and its tabs with their size and column headers, without the data.",
      input: z.object({ spreadsheetId }),
      output: z.object({
        spreadsheetId: z.string(),
        title: z.string(),
        sheets: z.array(
          z.object({
            title: z.string().describe("Title of the tab"),
            rowCount: z.int().describe("Data rows, the header not counted"),
            columns: z.array(z.string()).describe("Column headers"),
          }),
        ),
      }),
      run(state, args) {
        const tabs = tabsOf(state, args.spreadsheetId);
        return {
          spreadsheetId: args.spreadsheetId,
          title: fileOf(state, args.spreadsheetId).name,
          sheets: tabs.map((tab) => ({
            title: tab.title,
            rowCount: Math.max(tab.rows.length - 1, 0),
            columns: [...(tab.rows[0] ?? [])],
          })),
        };
      },
    }),
    tool({
      name: "read_sheet",
      description: `Read the rows of a spreadsheet. The header row always comes first in values, followed by the data rows from offset on.${pageLimit} When more rows follow, nextOffset is the offset to continue with; otherwise it is null.`,
      input: z.object({
        spreadsheetId,
        range: z.string().optional().describe("Range in A1 notation, e.g. Sheet1!A1:D100; default: the whole first tab"),
        offset: z.int().min(0).default(0).describe("Data rows of the range to skip"),
        limit: z.int().min(1).optional().describe("Data rows to return at most"),
      }),
      output: z.object({
        range: z.string().describe("Range that was read, in A1 notation"),
        totalRows: z.int().describe("Data rows in the range, the header not counted"),
        nextOffset: z.int().nullable().describe("Offset of the next unread row, null if there is none"),
        values: values.describe("Rows of cells, header row first"),
      }),
      run(state, args) {
        const titles = tabsOf(state, args.spreadsheetId).map((one) => one.title);
        const wanted = parseRange(args.range ?? titles[0] ?? "", titles);
        const tab = tabOf(state, args.spreadsheetId, wanted.sheet);
        const firstData = Math.max(wanted.startRow, 1);
        const endData = Math.min(wanted.endRow ?? tab.rows.length, tab.rows.length);
        const totalRows = Math.max(endData - firstData, 0);
        const size = Math.min(args.limit ?? totalRows, maxRowsPerRead === 0 ? totalRows : maxRowsPerRead);
        const start = Math.min(firstData + args.offset, endData);
        const end = Math.min(start + size, endData);
        const cut = (row: readonly string[]) =>
          wanted.startColumn === 0 && wanted.endColumn === undefined ? row : row.slice(wanted.startColumn, wanted.endColumn);
        const rows = [tab.rows[0] ?? [], ...tab.rows.slice(start, Math.max(start, end))].map(cut) as string[][];
        return {
          range: rangeText(tab.title, start, wanted.startColumn, end - start, rows[0]?.length ?? 0),
          totalRows,
          nextOffset: end < endData ? args.offset + (end - start) : null,
          values: rows,
        };
      },
    }),
    tool({
      name: "append_sheet_rows",
      description: "Append rows after the last row of a tab. Every row must have as many cells as the tab has columns.",
      input: z.object({ spreadsheetId, sheet: sheetTitle, rows: values.min(1).describe("Rows of cells to append") }),
      output: z.object({ updatedRange: z.string(), appendedRows: z.int() }),
      run(state, args) {
        const tab = tabOf(state, args.spreadsheetId, args.sheet);
        const width = tab.rows[0]?.length ?? 0;
        const odd = args.rows.findIndex((row) => row.length !== width);
        if (odd >= 0)
          throw new ToolFailure(`rows[${odd}] has ${args.rows[odd]?.length} cells, but the tab has ${width} columns.`);
        replaceTab(state, args.spreadsheetId, tab, [...tab.rows, ...args.rows]);
        return {
          updatedRange: rangeText(tab.title, tab.rows.length, 0, args.rows.length, width),
          appendedRows: args.rows.length,
        };
      },
    }),
    tool({
      name: "update_sheet_cells",
      description:
        "Overwrite the cells of a range. values must have exactly the range's rows and columns, and the range must lie inside the tab.",
      input: z.object({
        spreadsheetId,
        range: z.string().describe("Range in A1 notation, e.g. Sheet1!C5:D6"),
        values: values.min(1).describe("New cells, row by row"),
      }),
      output: z.object({ updatedRange: z.string(), updatedCells: z.int() }),
      run(state, args) {
        const titles = tabsOf(state, args.spreadsheetId).map((one) => one.title);
        const wanted = parseRange(args.range, titles);
        const tab = tabOf(state, args.spreadsheetId, wanted.sheet);
        const width = tab.rows[0]?.length ?? 0;
        const { startRow, startColumn, endRow = tab.rows.length, endColumn = width } = wanted;
        if (endRow > tab.rows.length || endColumn > width) {
          throw new ToolFailure(`${args.range} reaches beyond the tab, which has ${tab.rows.length} rows and ${width} columns.`);
        }
        if (args.values.length !== endRow - startRow || args.values.some((row) => row.length !== endColumn - startColumn)) {
          throw new ToolFailure(
            `values must have ${endRow - startRow} rows of ${endColumn - startColumn} cells for ${args.range}.`,
          );
        }
        const rows = tab.rows.map((row, i) => {
          const fresh = args.values[i - startRow];
          return i < startRow || fresh === undefined ? row : [...row.slice(0, startColumn), ...fresh, ...row.slice(endColumn)];
        });
        replaceTab(state, args.spreadsheetId, tab, rows);
        return {
          updatedRange: rangeText(tab.title, startRow, startColumn, args.values.length, endColumn - startColumn),
          updatedCells: args.values.length * (endColumn - startColumn),
        };
      },
    }),
  ];
}
