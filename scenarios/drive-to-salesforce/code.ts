/** One program: the transcript goes from server to server without passing through the model. */
import type { CodeScript } from "../../contract/index.ts";
import { resultText } from "../results.ts";
import type { DriveToSalesforceParams } from "./params.ts";

export const code: CodeScript<DriveToSalesforceParams> = function* ({ facts: { documentId = "", recordId = "" } }) {
  resultText(
    yield {
      say: "I'll copy the transcript with a program.",
      uses: [{ file: "copy-transcript.ts", values: { documentId, recordId } }],
    },
  );
  return { updated: recordId };
};
