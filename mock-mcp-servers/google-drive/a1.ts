/** A1 notation, as Google Sheets writes ranges: `Orders!A1:N100`, `A:C`, `Orders`. */
import { ToolFailure } from "../lib/mock-server.ts";

/** Rows and columns from 0; `end` is exclusive and `undefined` where the range is open. */
export interface CellRange {
  readonly sheet: string | undefined;
  readonly startRow: number;
  readonly endRow: number | undefined;
  readonly startColumn: number;
  readonly endColumn: number | undefined;
}

/** Throws ToolFailure for text that is not a range, or a range that ends before it starts. A bare word without digits after letters is a tab's name. */
export function parseRange(text: string, tabs: readonly string[]): CellRange {
  const bang = text.lastIndexOf("!");
  const unquoted = (name: string) => name.replace(/^'(.*)'$/, "$1");
  if (bang < 0 && tabs.includes(unquoted(text))) return { ...whole, sheet: unquoted(text) };
  const sheet = bang < 0 ? undefined : unquoted(text.slice(0, bang));
  const cells = text.slice(bang + 1);
  const match = /^(?=\w)([A-Z]{1,3})?([1-9]\d{0,6})?(?::(?=\w)([A-Z]{1,3})?([1-9]\d{0,6})?)?$/.exec(cells.toUpperCase());
  const noRange = new ToolFailure(`"${text}" is not a range in A1 notation. Example: Sheet1!A1:D20.`);
  if (match === null) throw noRange;
  const [, column, row, toColumn, toRow] = match;
  const single = !cells.includes(":");
  const endColumn = single ? column : toColumn;
  const endRow = single ? row : toRow;
  const range = {
    sheet,
    startRow: row === undefined ? 0 : Number(row) - 1,
    endRow: endRow === undefined ? undefined : Number(endRow),
    startColumn: column === undefined ? 0 : columnNumber(column),
    endColumn: endColumn === undefined ? undefined : columnNumber(endColumn) + 1,
  };
  if ((range.endRow ?? Infinity) <= range.startRow || (range.endColumn ?? Infinity) <= range.startColumn) throw noRange;
  return range;
}

const whole = { startRow: 0, endRow: undefined, startColumn: 0, endColumn: undefined };

/** `Sheet1!A1:O2501`; `rows` and `columns` are how many the range holds, at least one of each. */
export function rangeText(sheet: string, startRow: number, startColumn: number, rows: number, columns: number): string {
  const end = `${columnName(startColumn + Math.max(columns, 1) - 1)}${startRow + Math.max(rows, 1)}`;
  return `${/^\w+$/.test(sheet) ? sheet : `'${sheet}'`}!${columnName(startColumn)}${startRow + 1}:${end}`;
}

function columnNumber(name: string): number {
  let n = 0;
  for (const letter of name) n = n * 26 + letter.charCodeAt(0) - 64;
  return n - 1;
}

function columnName(index: number): string {
  let name = "";
  for (let n = index + 1; n > 0; n = Math.trunc((n - 1) / 26)) name = String.fromCharCode(65 + ((n - 1) % 26)) + name;
  return name;
}
