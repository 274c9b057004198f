/** With a query tool: one small question. Without one: every row goes through the context, page by page if the server pages. */
import type { Script, ScriptCall } from "../../bench/types/index.ts";
import { resultJson } from "../results.ts";
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
  const rows: (readonly string[])[] = [];
  let offset: number | null = 0;
  while (offset !== null) {
    const page: SheetPage = resultJson(
      yield {
        say: offset === 0 ? "I'll read the sheet." : "There are more rows; I'll read on.",
        uses: [{ server: "google-drive", tool: "read_sheet", input: { spreadsheetId, offset } }],
      },
    ) as unknown as SheetPage;
    rows.push(...page.values.slice(rows.length === 0 ? 0 : 1));
    offset = page.nextOffset;
  }
  const [header = [], ...orders] = rows;
  const pending = orders.filter((order) => order[header.indexOf("Status")] === "pending");
  return { count: pending.length, firstFive: pending.slice(0, 5).map((order) => order[header.indexOf("Order ID")] ?? "") };
};
