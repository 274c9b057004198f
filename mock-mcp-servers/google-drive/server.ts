/** A mock Google Drive: documents, spreadsheets and folders over seeded state. */
import type { Json } from "../../contract/json.ts";
import type { WorldServer } from "../../contract/server.ts";
import type { ToolDefinition } from "../../contract/tool.ts";
import { memoised } from "../../fixtures/memo.ts";
import { defineMockServer, inMemoryServer, type MockServer } from "../lib/mock-server.ts";
import type { DriveState } from "./state.ts";
import { documentTools } from "./tools/documents.ts";
import { fileTools } from "./tools/files.ts";
import { querySheet } from "./tools/query-sheet.ts";
import { sharingTools } from "./tools/sharing.ts";
import { sheetTools } from "./tools/sheets.ts";

export interface GoogleDriveOptions {
  /** Offers `query_sheet`, which filters on the server. */
  readonly serverQuery: boolean;
  /** Data rows that one `read_sheet` gives at most; 0: no limit. */
  readonly maxRowsPerRead: number;
}

const definition = memoised(
  (serverQuery: boolean, maxRowsPerRead: number): MockServer<DriveState> =>
    defineMockServer({
      name: "google-drive",
      version: "1.0.0",
      modelled: {
        declaresOutput: false,
        asOf: "2026-11-21",
        source:
          "@modelcontextprotocol/server-gdrive 2025.1.14 and piotr-agier/google-drive-mcp 2.10.0: no tool has an output schema",
      },
      instructions: "Files, documents and spreadsheets of the signed-in user's Google Drive.",
      tools: [
        ...fileTools,
        ...documentTools,
        ...sharingTools,
        ...sheetTools(maxRowsPerRead),
        ...(serverQuery ? [querySheet] : []),
      ],
    }),
);

/** The tools under these options, without connecting. */
export function googleDriveTools({ serverQuery, maxRowsPerRead }: GoogleDriveOptions): readonly ToolDefinition[] {
  return definition(serverQuery, maxRowsPerRead).definitions;
}

/** A server over its own copy of `start`, which stays as it is and may be shared by many servers. */
export function googleDrive(start: DriveState, { serverQuery, maxRowsPerRead }: GoogleDriveOptions): WorldServer {
  return inMemoryServer(definition(serverQuery, maxRowsPerRead), { ...start }, (state) => ({ ...state }) as unknown as Json);
}
