import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBridge } from "../../bench/servers/bridge/bridge.ts";
import { connect } from "../../bench/servers/connection.ts";
import { patientMs } from "../../testing/patience.ts";
import { filesystemServer } from "./filesystem-server.ts";

let tmpDir: string;
beforeAll(async () => {
  tmpDir = await mkdtemp(join(tmpdir(), "filesystem-"));
});
afterAll(() => rm(tmpDir, { recursive: true }));

const files = new Map([
  ["sales.csv", "region,total\nnorth,1\n"],
  ["notes/a.txt", "a"],
]);
const limits = { maxArgumentBytes: 10_000, maxResultBytes: 100_000, maxConcurrentCalls: 8, maxCalls: 20 };

test("relative paths work, and neither tools nor results hold the host's path", async () => {
  const server = filesystemServer({ files, tmpDir, nodePath: process.execPath });
  const connection = await connect(server, { timeoutMs: patientMs });
  const bridge = createBridge([connection], { limits, now: () => performance.now() });
  const call = (tool: string, input: Record<string, string>) => bridge.call("filesystem", tool, input);
  expect(await call("read_text_file", { path: "sales.csv" })).toMatchObject({ status: "ok", text: "region,total\nnorth,1\n" });
  const replies = [
    await call("list_directory", { path: "." }),
    await call("directory_tree", { path: "." }),
    await call("write_file", { path: "summary.md", content: "# Sales\n" }),
    await call("create_directory", { path: "out" }),
  ];
  expect(replies.map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok"]);
  expect(JSON.stringify([bridge.tools, replies])).not.toContain(tmpDir);
  expect((await call("read_text_file", { path: "/etc/passwd" })).status).toBe("tool-error");

  expect(await server.snapshot()).toEqual({
    "notes/a.txt": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    "sales.csv": expect.stringMatching(/^[0-9a-f]{64}$/),
    "summary.md": expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  await connection.close();
  expect(await readdir(tmpDir)).toEqual([]);
});

test("the state can be read before the server was started, and an unused server leaves nothing", async () => {
  const server = filesystemServer({ files, tmpDir, nodePath: process.execPath });
  expect(Object.keys((await server.snapshot()) as object)).toEqual(["notes/a.txt", "sales.csv"]);
  await server.close();
  await server.close();
  expect(await readdir(tmpDir)).toEqual([]);
});
