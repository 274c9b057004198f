import { defineConfig } from "mcp-code-bench";
import { words } from "./counters/words.ts";
import { peaks } from "./reporters/peaks.ts";
import { nodePermission } from "./sandboxes/node-permission.ts";
import { overdueInvoices } from "./scenarios/overdue-invoices/scenario.ts";

export default defineConfig({
  scenarios: [overdueInvoices],
  sandboxes: { "node-permission": nodePermission },
  counters: [words],
  reporters: [peaks],
});
