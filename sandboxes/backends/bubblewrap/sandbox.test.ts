/** Needs bubblewrap and root on this machine; scripts/setup-sandboxes.sh installs it. */
import { spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { descendants, isRunning } from "../../../testing/processes.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { bubblewrap } from "./sandbox.ts";

await describeBackend("bubblewrap");

const { sandbox, tmpDir, host, dispose } = testSandbox(bubblewrap);
afterAll(dispose);

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };
const open = () => sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });

/** Processes that `root` started and that are in another process namespace: other test files have some of their own. */
function elsewhere(root = process.pid): number[] {
  const namespaceOf = (id: string | number) => {
    try {
      return readlinkSync(`/proc/${id}/ns/pid`);
    } catch {
      // It has ended.
      return undefined;
    }
  };
  const own = namespaceOf("self");
  return descendants(root)
    .map(({ pid }) => pid)
    .filter((id) => ![own, undefined].includes(namespaceOf(id)));
}

test("without bwrap it is unavailable, with the reason and what to do", async () => {
  const nowhere = bubblewrap({ ...host, env: { PATH: "/nowhere" } });
  expect(await nowhere.available()).toMatchObject({
    status: "unavailable",
    reason: "there is no program bwrap",
    fix: expect.stringContaining("scripts/setup-sandboxes.sh bubblewrap"),
  });
  await expect(nowhere.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 })).rejects.toMatchObject({
    code: "SANDBOX_UNAVAILABLE",
  });
});

const { status } = await sandbox.available();
describe.runIf(status === "available")("bubblewrap on this machine", () => {
  test("the program's process is nobody, with no way to process 1, no network, no capability and no writable place but its own", async () => {
    const source = `const { getBuiltinModule, getuid, env, kill } = (globalThis as any).process;
const fs = getBuiltinModule("node:fs"), os = getBuiltinModule("node:os");
const status = fs.readFileSync("/proc/self/status", "utf8");
for (const reach of [() => fs.readdirSync("/proc/1/fd"), () => fs.openSync("/proc/1/mem", "r+"), () => kill(1, "SIGKILL"), () => fs.writeFileSync("/run/errors-2/text", "")])
  try { reach(); console.log("reached"); } catch (e) { console.log((e as any).code); }
console.log(getuid(), Object.keys(os.networkInterfaces()).filter((name: string) => name !== "lo"), os.hostname(), Object.keys(env));
console.log(/CapEff:\\s*(\\w+)/.exec(status)?.[1], /CapBnd:\\s*(\\w+)/.exec(status)?.[1], /NoNewPrivs:\\s*(\\d)/.exec(status)?.[1]);
console.log(fs.readdirSync("/"), fs.readdirSync("/dev"), fs.readdirSync("/proc").filter((name: string) => /^\\d+$/.test(name)).length);
for (const path of ["/x", "/opt/mcp-code-bench/runner.cjs", "/run/mcp-code-bench/x", "/workspace/servers/x", "/proc/sys/kernel/core_pattern", "/workspace/ok", "/tmp/ok"]) {
  try { fs.writeFileSync(path, "x"); console.log(path, "written"); } catch (e) { console.log(path, (e as any).code); }
}`;
    const files = new Map([["servers/lab/a.ts", ""]]);
    const session = await sandbox.open({ language: "javascript", files, memoryBytes: 2 ** 26 });
    const { text } = await session.run({ file: "program.ts", source }, limits);
    expect(text).toBe(`EACCES
EACCES
EPERM
EACCES
65534 [] sandbox ["TZ"]
0000000000000000 0000000000000000 1
["bin","dev","lib","lib64","opt","proc","run","tmp","usr","workspace"] ["null","urandom","zero"] 2
/x EROFS
/opt/mcp-code-bench/runner.cjs EROFS
/run/mcp-code-bench/x EROFS
/workspace/servers/x EROFS
/proc/sys/kernel/core_pattern EACCES
/workspace/ok written
/tmp/ok written`);
    await session.close();
  });

  test("when its harness is killed everything inside ends, and a sweep by another leaves the living alone", async () => {
    const living = await open();
    const harness = `import { bubblewrap } from ${JSON.stringify(fileURLToPath(new URL("./sandbox.ts", import.meta.url)))};
const sandbox = bubblewrap({ env: {}, platform: process.platform, now: () => performance.now(), tmpDir: ${JSON.stringify(tmpDir)}, nodePath: process.execPath });
const session = await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
const bridge = { call: async () => { process.stdout.write("busy"); return { status: "ok", text: "" }; } };
await session.run({ file: "program.ts", source: 'await callTool("lab", "x", {}); for (;;);' }, { bridge, wallTimeMs: 600_000, outputBytes: 1_000, virtualTime: false });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", harness], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const orphans = elsewhere(child.pid);
    expect(orphans).not.toEqual([]);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    await sandbox.sweep();
    expect((await living.run({ file: "program.ts", source: `console.log("here")` }, limits)).text).toBe("here");
    await living.close();
    await expect.poll(() => orphans.filter(isRunning)).toEqual([]);
  });

  test("one killed from outside is SANDBOX_UNAVAILABLE, and the next session works", async () => {
    const before = elsewhere();
    const session = await open();
    const own = elsewhere().filter((id) => !before.includes(id));
    const bridge: GuestBridge = {
      async call() {
        for (const id of own) if (isRunning(id)) process.kill(id, "SIGKILL");
        return { status: "ok", text: "" };
      },
    };
    const source = `await callTool("lab", "x", {}); await new Promise(() => setTimeout(() => {}, 1e5));`;
    await expect(session.run({ file: "program.ts", source }, { ...limits, bridge })).rejects.toMatchObject({
      code: "SANDBOX_UNAVAILABLE",
    });
    const next = await open();
    expect((await next.run({ file: "program.ts", source: `console.log("next")` }, limits)).text).toBe("next");
    await next.close();
  });
});
