/** Copy a meeting's transcript from Google Drive into a Salesforce record: the example behind the 98.7% figure. */
import type { Json } from "../../contract/index.ts";
import { crm } from "../../fixtures/crm.ts";
import { random } from "../../fixtures/random.ts";
import { meetingTranscript } from "../../fixtures/transcript.ts";
import { googleDrive } from "../../mock-mcp-servers/google-drive/server.ts";
import { driveId, driveState } from "../../mock-mcp-servers/google-drive/state.ts";
import { salesforce } from "../../mock-mcp-servers/salesforce/server.ts";
import { type SalesforceState, salesforceState } from "../../mock-mcp-servers/salesforce/state.ts";
import { answerIs, stateIs, untouched } from "../checks.ts";
import { defineScenario } from "../define.ts";
import { code } from "./code.ts";
import { direct } from "./direct.ts";
import { type DriveToSalesforceParams, params } from "./params.ts";

export const driveToSalesforce = defineScenario<DriveToSalesforceParams>({
  id: "drive-to-salesforce",
  title: "Copy a two-hour meeting transcript from Google Drive into a Salesforce record",
  source: "Anthropic, Code execution with MCP, 2025-11-04",
  claim: {
    text: "150,000 tokens became 2,000 (98.7% saved)",
    source: "Anthropic, Code execution with MCP, 2025-11-04",
    profile: "claude-sonnet-4.5",
  },
  params,
  variants: [{}],
  virtualTime: false,
  async world(params, seed) {
    const { documentId, meeting, content } = facts(params, seed);
    const drive = driveState({ documents: [{ id: documentId, title: `Transcript: ${meeting.Name}`, content }], seed });
    const prompt =
      `The transcript of a sales meeting is the Google Drive document ${documentId}. ` +
      `Put its full text, unchanged, into the field "Notes" of the "SalesMeeting" record ${meeting.Id} in Salesforce. ` +
      `End your answer with one line of JSON: {"updated": <record id>}`;
    return {
      task: { params, seed, prompt, facts: { documentId, recordId: meeting.Id } },
      servers: [googleDrive(drive, { serverQuery: false, maxRowsPerRead: 0 }), salesforce(salesforceState({ seed }))],
    };
  },
  direct,
  code,
  needs: ({ facts: { documentId = "" } }) => [
    { server: "google-drive", tool: "get_document", look: { documentId } },
    { server: "salesforce", tool: "update_record" },
  ],
  programs: new URL("programs/", import.meta.url),
  answer: (facts) => `The transcript is in the record's notes.\n${JSON.stringify(facts)}`,
  verify(end, { params, seed }) {
    const { meeting, content } = facts(params, seed);
    const before = end.before.salesforce as unknown as SalesforceState;
    const after = end.after.salesforce as unknown as SalesforceState;
    // The organisation stamps every change itself. Everything else but the notes must be as it was.
    const stamp = after.records.SalesMeeting[meeting.Id]?.LastModifiedDate ?? null;
    const changed = { ...meeting, Notes: content, LastModifiedDate: stamp };
    const meetings = { ...before.records.SalesMeeting, [meeting.Id]: changed };
    const expected = { ...before, records: { ...before.records, SalesMeeting: meetings } };
    return [
      stateIs("the notes hold the transcript and nothing else changed", end.after.salesforce, expected as unknown as Json),
      answerIs(end.answer, { updated: meeting.Id }),
      ...untouched(end, ["google-drive"]),
    ];
  },
});

/** What the task is about: the document's id and text, and the record as it is at the start. */
function facts(params: DriveToSalesforceParams, seed: number) {
  const [meeting] = crm(seed).SalesMeeting;
  if (meeting === undefined) throw new TypeError("The seeded organisation has no meeting.");
  const documentId = driveId(random(seed, "transcript document"));
  return { documentId, meeting, content: meetingTranscript({ ...params, seed }) };
}
