/** What a run may vary, with ranges and defaults. */
import { z } from "zod";

export const params = z.strictObject({
  polls: z.int().min(1).max(1000).default(10).describe("The awaited message appears in this reading of the channel"),
  intervalSeconds: z.int().min(1).max(3600).default(5).describe("Pause between two readings, in seconds"),
});
export type SlackPollingParams = z.output<typeof params>;
