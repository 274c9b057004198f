/**
 * Writes the server tree that programs import into `.generated/`, so that the type checker checks the programs against
 * exactly what guests get. Real servers are asked for their definitions, which this project does not copy.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { buildTree } from "../bench/play/tree/tree.ts";
import { connect } from "../bench/servers/connection.ts";
import { clockTools } from "../mock-mcp-servers/clock/server.ts";
import { googleDriveTools } from "../mock-mcp-servers/google-drive/server.ts";
import { salesforceTools } from "../mock-mcp-servers/salesforce/server.ts";
import { slackTools } from "../mock-mcp-servers/slack/server.ts";
import { filesystemServer } from "../scenarios/csv-summary-real/filesystem-server.ts";

const target = fileURLToPath(new URL("../.generated/", import.meta.url));
const scratch = await mkdtemp(join(tmpdir(), "guest-types-"));
try {
  const filesystem = await connect(filesystemServer({ files: new Map(), tmpDir: scratch, nodePath: execPath }), {
    timeoutMs: 30_000,
  });
  await filesystem.close();
  const files = buildTree([
    ...googleDriveTools({ serverQuery: true, maxRowsPerRead: 0 }),
    ...salesforceTools,
    ...slackTools,
    ...clockTools,
    ...filesystem.tools,
  ]);
  await rm(target, { recursive: true, force: true });
  for (const [path, text] of files) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), text);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
