/** With a query tool: one small question. Without one: every row goes through the context, a first page and then the rest at once. */
import type { Script, ScriptCall } from "../../contract/index.ts";
import { resultJson, resultsJson } from "../results.ts";
import type { SheetFilterParams } from "./params.ts";
import type { QueryResult, SheetPage } from "./shapes.ts";

export const direct: Script<ScriptCall, SheetFilterParams> = function* ({ params, facts: { spreadsheetId = "" } }) {
  if (params.serverQuery) {
    const where = [{ column: "Status", operator: "equals", value: "pending" }];
    const input = { spreadsheetId, where, select: ["Order ID"], limit: 5 };
    const result = resultJson(
      yield { say: "I'll query the sheet for pending orders.", uses: [{ server: "google-drive", tool: "query_sheet", input }] },
    ) as unknown as QueryResult;
    return { count: result.matchCount, firstFive: result.values.slice(1).map(([orderId = ""]) => orderId) };
  }
  const read = (offset?: number) => {
    const input = offset === undefined ? { spreadsheetId } : { spreadsheetId, offset };
    return { server: "google-drive", tool: "read_sheet", input };
  };
  const first = resultJson(yield { say: "I'll read the sheet.", uses: [read()] }) as unknown as SheetPage;
  const pages = [first];
  if (first.nextOffset !== null) {
    const offsets: number[] = [];
    for (let offset = first.nextOffset; offset < first.totalRows; offset += first.nextOffset) offsets.push(offset);
    const uses = offsets.map(read);
    pages.push(...(resultsJson(yield { say: "There are more rows; I'll read the rest.", uses }) as unknown as SheetPage[]));
  }
  const [header = []] = first.values;
  const orders = pages.flatMap(({ values }) => values.slice(1));
  const pending = orders.filter((order) => order[header.indexOf("Status")] === "pending");
  return { count: pending.length, firstFive: pending.slice(0, 5).map((order) => order[header.indexOf("Order ID")] ?? "") };
};
