import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { nodePermission } from "./sandbox.ts";

await describeBackend("node-permission");

const { sandbox, tmpDir, dispose } = testSandbox(nodePermission);
afterAll(dispose);

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };

/** What each attempt of a program gives: `allowed`, or the code of the refusal. `fs`, `net` and so on are Node's modules. */
async function attempts(...sources: string[]): Promise<string[]> {
  const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
  const tried = sources.map((source) => `async () => ${source},`).join("\n");
  const source = `const { getBuiltinModule: builtin, kill, ppid } = (globalThis as any).process;
const [fs, net, sqlite] = ["fs", "net", "sqlite"].map((name) => builtin("node:" + name));
for (const attempt of [
${tried}
]) try { await attempt(); console.log("allowed"); } catch (e) { console.log((e as any).code); }`;
  const { text } = await session.run({ file: "program.ts", source }, limits);
  await session.close();
  return text.split("\n");
}

test("files outside by node:fs, processes and threads are refused", async () => {
  const found = await attempts(
    `fs.readFileSync("/etc/hostname")`,
    `fs.writeFileSync("../x", "x")`,
    `builtin("node:child_process").spawnSync("/bin/true")`,
    `new (builtin("node:worker_threads").Worker)("", { eval: true })`,
  );
  expect(found).toEqual(Array(4).fill("ERR_ACCESS_DENIED"));
});

test("it is a control, because databases anywhere, Unix sockets and signals are open", async () => {
  expect(sandbox).toMatchObject({ control: true, isolation: "none", title: expect.stringContaining("control") });
  const database = join(tmpDir, "outside.db");
  const path = join(tmpDir, "host.sock");
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const found = await attempts(
    `new sqlite.DatabaseSync("${database}").exec("create table kept (x)")`,
    `new Promise((resolve, reject) => net.connect("${path}").on("error", reject).on("close", resolve))`,
    `kill(ppid, 0)`,
  );
  expect(found).toEqual(["allowed", "allowed", "allowed"]);
  expect(existsSync(database)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});
