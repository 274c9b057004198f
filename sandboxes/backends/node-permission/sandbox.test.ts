import { createServer } from "node:net";
import { afterAll, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { nodePermission } from "./sandbox.ts";

await describeBackend("node-permission");

const { sandbox, dispose } = testSandbox(nodePermission);
afterAll(dispose);

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };

test("files outside, processes and threads are refused; the network is not, as its title says", async () => {
  const connected = Promise.withResolvers<boolean>();
  const server = createServer((socket) => {
    connected.resolve(true);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
  const source = `const builtin = (globalThis as any).process.getBuiltinModule;
for (const attempt of [
  () => builtin("node:fs").readFileSync("/etc/hostname"),
  () => builtin("node:fs").writeFileSync("../x", "x"),
  () => builtin("node:child_process").spawnSync("/bin/true"),
  () => new (builtin("node:worker_threads").Worker)("", { eval: true }),
]) try { attempt(); console.log("allowed"); } catch (e) { console.log((e as any).code); }
await new Promise((resolve) => builtin("node:net").connect(${port}, "127.0.0.1").on("close", resolve));`;
  const { text } = await session.run({ file: "program.ts", source }, limits);
  expect(text.split("\n").slice(0, 4)).toEqual(Array(4).fill("ERR_ACCESS_DENIED"));
  expect(await connected.promise).toBe(true);
  expect(sandbox.title).toContain("network not blocked");
  await session.close();
  server.close();
});
