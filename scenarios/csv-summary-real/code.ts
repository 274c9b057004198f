/** One program reads the file and prints three figures. */
import type { Script, ScriptProgram } from "../../bench/types/index.ts";
import { printedJson } from "../results.ts";
import type { CsvSummaryRealParams } from "./params.ts";

export const code: Script<ScriptProgram, CsvSummaryRealParams> = function* ({ facts: { path = "" } }) {
  const uses = [{ file: "summarise-sales.ts", values: { path } }];
  return printedJson(yield { say: "I'll summarise the file with a program.", uses });
};
