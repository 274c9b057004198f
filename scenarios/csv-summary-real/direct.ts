/** The whole file enters the context, and the answer is read off it. */
import type { Script, ScriptCall } from "../../contract/index.ts";
import { resultText } from "../results.ts";
import type { CsvSummaryRealParams } from "./params.ts";
import { summarise } from "./summary.ts";

export const direct: Script<ScriptCall, CsvSummaryRealParams> = function* ({ facts: { path = "" } }) {
  const uses = [{ server: "filesystem", tool: "read_text_file", input: { path } }];
  const csv = resultText(yield { say: "I'll read the file.", uses });
  return { ...summarise(csv) };
};
