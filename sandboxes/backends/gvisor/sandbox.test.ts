/** Needs a Docker daemon with the runtime runsc; scripts/setup-sandboxes.sh starts one. */
import { afterAll, describe, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { runc } from "../docker/container-box.ts";
import { containerSandbox } from "../docker/container-sandbox.ts";
import { gvisor } from "./sandbox.ts";

await describeBackend("gvisor");

const { sandbox, host, dispose } = testSandbox(gvisor);
afterAll(dispose);
const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };

describe.runIf((await sandbox.available()).status === "available")("gvisor on this machine", () => {
  test("the program sees gVisor's kernel, not the host's", async () => {
    const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
    const source = `console.log((globalThis as any).process.getBuiltinModule("node:fs").readFileSync("/proc/version", "utf8").trim());`;
    expect((await session.run({ file: "program.ts", source }, limits)).text).toMatch(/^Linux version 4\.4\.0 /);
    await session.close();
  });

  test("the program cannot reach process 1, which is root", async () => {
    const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
    const source = `const { getBuiltinModule, kill } = (globalThis as any).process, fs = getBuiltinModule("node:fs");
for (const reach of [
  () => fs.openSync("/proc/1/fd/0", fs.constants.O_RDONLY | fs.constants.O_NONBLOCK),
  () => fs.openSync("/proc/1/mem", "r+"),
  () => kill(1, "SIGKILL"),
  () => fs.writeFileSync("/run/errors-2/text", ""),
]) try { reach(); console.log("reached"); } catch (e) { console.log((e as any).code); }
console.log(/CapBnd:\\s*(\\w+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))?.[1]);`;
    const { text } = await session.run({ file: "program.ts", source }, limits);
    expect(text).toBe("EACCES\nEACCES\nEPERM\nEACCES\n0000000000000000");
    await session.close();
  });

  test("a runtime that the daemon does not know is unavailable, with the reason", async () => {
    const unknown = containerSandbox(host, {
      id: "unknown",
      title: "",
      isolation: "container",
      maxSessions: 1,
      runtime: { ...runc, name: "nowhere" },
      runtimeVersion: async () => ({ status: "unavailable", reason: "no runtime nowhere", fix: "Leave it out." }),
    });
    expect(await unknown.available()).toEqual({ status: "unavailable", reason: "no runtime nowhere", fix: "Leave it out." });
    await expect(unknown.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 })).rejects.toMatchObject({
      code: "SANDBOX_UNAVAILABLE",
    });
  });
});
