/** One program: it reads or queries, filters in the sandbox, and prints a count and five ids. */
import type { CodeScript } from "../../contract/index.ts";
import { printedJson } from "../results.ts";
import type { SheetFilterParams } from "./params.ts";

export const code: CodeScript<SheetFilterParams> = function* ({ params, facts: { spreadsheetId = "" } }) {
  const file = params.serverQuery ? "filter-by-query.ts" : "filter-by-reading.ts";
  return printedJson(yield { say: "I'll filter the orders with a program.", uses: [{ file, values: { spreadsheetId } }] });
};
