/** What a run may vary, with ranges and defaults. */
import { z } from "zod";
import { conversationWordsPerMinute } from "../../fixtures/transcript.ts";

export const params = z.strictObject({
  minutes: z.int().min(1).max(600).default(120).describe("Length of the meeting, in minutes"),
  wordsPerMinute: z.int().min(60).max(300).default(conversationWordsPerMinute).describe("Speaking rate, in words a minute"),
});
export type DriveToSalesforceParams = z.output<typeof params>;
