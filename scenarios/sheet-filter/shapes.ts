/** What the direct script reads of google-drive's results. */
export interface SheetPage {
  /** Header row first, on every page. */
  readonly values: readonly (readonly string[])[];
  /** Data rows in the whole sheet. */
  readonly totalRows: number;
  readonly nextOffset: number | null;
}

export interface QueryResult {
  readonly matchCount: number;
  /** Header row first. */
  readonly values: readonly (readonly string[])[];
}
