/** The mock servers, one line each. Their state comes from a scenario's world. */
import { type MockServerAbout, registry } from "../contract/registry.ts";

export const mockServerRegistry = registry<MockServerAbout>("server", {
  "google-drive": async () => {
    const { googleDriveTools } = await import("./google-drive/server.ts");
    return {
      title: "Google Drive: files, documents, spreadsheets",
      tools: googleDriveTools({ serverQuery: false, maxRowsPerRead: 0 }),
    };
  },
  salesforce: async () => {
    const { salesforceTools } = await import("./salesforce/server.ts");
    return { title: "Salesforce: records of one organisation", tools: salesforceTools };
  },
  slack: async () => {
    const { slackTools } = await import("./slack/server.ts");
    return { title: "Slack: channels, messages and users of one workspace", tools: slackTools };
  },
  clock: async () => {
    const { clockTools } = await import("./clock/server.ts");
    return { title: "Clock: lets a conversation wait", tools: clockTools };
  },
});
