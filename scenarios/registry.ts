/** The scenarios, one line each. */
import { registry, type Scenario } from "../contract/index.ts";

export const scenarioRegistry = registry<Scenario>("scenario", {
  "drive-to-salesforce": async () => (await import("./drive-to-salesforce/scenario.ts")).driveToSalesforce,
  "sheet-filter": async () => (await import("./sheet-filter/scenario.ts")).sheetFilter,
  "slack-polling": async () => (await import("./slack-polling/scenario.ts")).slackPolling,
  "csv-summary-real": async () => (await import("./csv-summary-real/scenario.ts")).csvSummaryReal,
});
