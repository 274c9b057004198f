import { defineConfig } from "mcp-code-bench";
import { words } from "./counters/words.ts";
import { peaks } from "./reporters/peaks.ts";
import { ownNode } from "./sandboxes/own-node.ts";
import { overdueInvoices } from "./scenarios/overdue-invoices/scenario.ts";

export default defineConfig({
  scenarios: [overdueInvoices],
  sandboxes: { "own-node": ownNode },
  counters: [words],
  reporters: [peaks],
});
