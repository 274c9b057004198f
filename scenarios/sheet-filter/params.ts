/** What a run may vary, with ranges and defaults. */
import { z } from "zod";

export const params = z.strictObject({
  rows: z.int().min(1).max(100_000).default(10_000).describe("Orders in the sheet"),
  serverQuery: z.boolean().default(false).describe("Whether the server offers query_sheet, in both modes"),
  pageRows: z.int().min(0).max(100_000).default(0).describe("Rows that the server returns a call at most; 0: all at once"),
});
export type SheetFilterParams = z.output<typeof params>;
