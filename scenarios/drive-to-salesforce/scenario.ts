/** Copy a meeting's transcript from Google Drive into a Salesforce record: the example behind the 98.7% figure. */
import { z } from "zod";
import type { JsonObject } from "../../bench/types/index.ts";
import { salesforceIds } from "../../fixtures/crm.ts";
import { random } from "../../fixtures/random.ts";
import { conversationWordsPerMinute, meetingTranscript } from "../../fixtures/transcript.ts";
import { googleDrive } from "../../mock-mcp-servers/google-drive/server.ts";
import { driveId, driveState } from "../../mock-mcp-servers/google-drive/state.ts";
import { salesforce } from "../../mock-mcp-servers/salesforce/server.ts";
import { answerIs, stateIs, untouched } from "../checks.ts";
import { defineScenario } from "../define.ts";
import { code } from "./code.ts";
import { direct } from "./direct.ts";

const params = z.strictObject({
  minutes: z.int().min(1).max(600).default(120).describe("Length of the meeting, in minutes"),
  wordsPerMinute: z.int().min(60).max(300).default(conversationWordsPerMinute).describe("Speaking rate, in words a minute"),
});
export type DriveToSalesforceParams = z.output<typeof params>;

export const driveToSalesforce = defineScenario<DriveToSalesforceParams>({
  id: "drive-to-salesforce",
  title: "Copy a two-hour meeting transcript from Google Drive into a Salesforce record",
  source: "Anthropic, Code execution with MCP, 2025-11-04",
  params,
  variants: [{}],
  virtualTime: false,
  async world(params, seed) {
    const documentId = driveId(random(seed, "transcript document"));
    const content = meetingTranscript({ ...params, seed });
    // TODO
    return null as never;
  },
  direct,
  code,
  needs: () => [
    { server: "google-drive", tool: "get_document" },
    { server: "salesforce", tool: "update_record" },
  ],
  programs: new URL("programs/", import.meta.url),
  answer: (facts) => `The transcript is in the record's notes.\n${JSON.stringify(facts)}`,
  verify: () => [],
});
