import { createServer } from "node:net";
import { afterAll, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { deno } from "./sandbox.ts";

await describeBackend("deno");

const { sandbox, dispose } = testSandbox(deno);
afterAll(dispose);
const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };

test.skipIf((await sandbox.available()).status === "unavailable")(
  "the program may touch its workspace alone: no other file, no network, no process, no library, no tree",
  async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const files = new Map([["servers/lab/a.ts", ""]]);
    const session = await sandbox.open({ language: "javascript", files, memoryBytes: 2 ** 26 });
    const source = `const { Deno } = globalThis as any;
for (const attempt of [
  () => Deno.readTextFileSync("/etc/hostname"),
  () => Deno.writeTextFileSync("../x", "x"),
  () => Deno.writeTextFileSync("servers/lab/a.ts", "x"),
  () => Deno.connect({ hostname: "127.0.0.1", port: ${port} }),
  () => new Deno.Command("/bin/true").outputSync(),
  () => Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {}),
  () => Deno.writeTextFileSync("mine", "x"),
]) try { await attempt(); console.log("allowed"); } catch (e) { console.log((e as Error).name); }`;
    const { text } = await session.run({ file: "program.ts", source }, limits);
    expect(text.split("\n")).toEqual([...Array(6).fill("NotCapable"), "allowed"]);
    expect(connections).toBe(0);
    await session.close();
    server.close();
  },
);
