/** Read the document, write all of it back as an argument, answer: what a model without code has to do. */
import type { Script, ScriptCall } from "../../contract/index.ts";
import { resultJson } from "../results.ts";
import type { DriveToSalesforceParams } from "./params.ts";

export const direct: Script<ScriptCall, DriveToSalesforceParams> = function* ({ facts: { documentId = "", recordId = "" } }) {
  const document = resultJson(
    yield {
      say: "I'll read the transcript first.",
      uses: [{ server: "google-drive", tool: "get_document", input: { documentId } }],
    },
  );
  const fields = { Notes: document.content ?? "" };
  resultJson(
    yield {
      say: "Now I'll write it into the record's notes.",
      uses: [{ server: "salesforce", tool: "update_record", input: { objectType: "SalesMeeting", recordId, fields } }],
    },
  );
  return { updated: recordId };
};
