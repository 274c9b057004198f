/** What a run may vary, with ranges and defaults. */
import { z } from "zod";

export const params = z.strictObject({
  kilobytes: z.int().min(1).max(2000).default(100).describe("Size of the file, in thousands of bytes"),
});
export type CsvSummaryRealParams = z.output<typeof params>;
