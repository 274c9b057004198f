/** Count the pending orders of a large sheet and name the first five. */
import { orderSheet } from "../../fixtures/orders.ts";
import { random } from "../../fixtures/random.ts";
import { googleDrive } from "../../mock-mcp-servers/google-drive/server.ts";
import { driveId, driveState } from "../../mock-mcp-servers/google-drive/state.ts";
import { answerIs, untouched } from "../checks.ts";
import { defineScenario } from "../define.ts";
import { code } from "./code.ts";
import { direct } from "./direct.ts";
import { params, type SheetFilterParams } from "./params.ts";

export const sheetFilter = defineScenario<SheetFilterParams>({
  id: "sheet-filter",
  title: "Filter a 10,000-row order sheet and report five rows",
  source: "Anthropic, Code execution with MCP, 2025-11-04",
  params,
  variants: [{}, { pageRows: 1000 }, { serverQuery: true }],
  virtualTime: false,
  async world(params, seed) {
    const spreadsheetId = driveId(random(seed, "order sheet"));
    const rows = orderSheet({ rows: params.rows, seed });
    const drive = driveState({ sheets: [{ id: spreadsheetId, title: "Orders 2025", rows }], seed });
    const prompt =
      `How many orders in the Google Drive spreadsheet ${spreadsheetId} have "pending" in the column "Status", and what are the "Order ID"s of the first five? ` +
      `End your answer with one line of JSON: {"count": <number>, "firstFive": [<Order ID>, ...]}`;
    return {
      task: { params, seed, prompt, facts: { spreadsheetId } },
      servers: [googleDrive(drive, { serverQuery: params.serverQuery, maxRowsPerRead: params.pageRows })],
    };
  },
  direct,
  code,
  needs: ({ params: { serverQuery }, facts: { spreadsheetId = "" } }) => [
    serverQuery
      ? { server: "google-drive", tool: "query_sheet", look: { spreadsheetId, where: [], limit: 1 } }
      : { server: "google-drive", tool: "read_sheet", look: { spreadsheetId, limit: 1 } },
  ],
  programs: new URL("programs/", import.meta.url),
  answer: (facts) => `These orders are pending.\n${JSON.stringify(facts)}`,
  verify(end, { params, seed }) {
    const [header = [], ...orders] = orderSheet({ rows: params.rows, seed });
    const pending = orders.filter((order) => order[header.indexOf("Status")] === "pending");
    const firstFive = pending.slice(0, 5).map((order) => order[header.indexOf("Order ID")] ?? "");
    return [answerIs(end.answer, { count: pending.length, firstFive }), ...untouched(end, ["google-drive"])];
  },
});
