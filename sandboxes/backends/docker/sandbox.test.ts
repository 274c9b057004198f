/** Needs a Docker daemon on this machine; scripts/setup-sandboxes.sh starts one. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { ownerOf } from "../../../machine/owner.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { findEngine } from "./engine.ts";
import { docker } from "./sandbox.ts";

await describeBackend("docker");

const { sandbox, tmpDir, host, dispose } = testSandbox(docker);
afterAll(dispose);
const found = await findEngine(host);

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };
const open = () => sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });

test("without a daemon it is unavailable, with the reason and what to do", async () => {
  const nowhere = { ...host, env: { DOCKER_HOST: "unix:///nowhere/docker.sock" } };
  expect(await docker(nowhere).available()).toMatchObject({
    status: "unavailable",
    reason: expect.stringContaining("no Docker daemon answers (/nowhere/docker.sock: "),
    fix: expect.stringContaining("scripts/setup-sandboxes.sh docker"),
  });
  const remote = { ...host, env: { DOCKER_HOST: "tcp://user:secret@example.test:2375" } };
  const availability = await docker(remote).available();
  expect(availability).toMatchObject({ status: "unavailable", fix: expect.stringContaining("DOCKER_HOST") });
  expect(JSON.stringify(availability)).not.toContain("secret");
  await expect(docker(nowhere).open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 })).rejects.toMatchObject({
    code: "SANDBOX_UNAVAILABLE",
  });
});

describe.runIf("engine" in found)("docker with a daemon", () => {
  const engine = "engine" in found ? found.engine : undefined;
  /** Of one process alone: other tests have containers at the same time. */
  const ids = async (pid = process.pid) => {
    const label = ["mcp-code-bench.sandbox=docker", `mcp-code-bench.owner=${ownerOf(pid)}`];
    const ours = await engine?.listContainers({ all: true, filters: { label } });
    return (ours ?? []).map(({ Id: id }) => id);
  };

  test("a container killed from outside is SANDBOX_UNAVAILABLE, and the next session works", async () => {
    const before = await ids();
    const session = await open();
    const own = (await ids()).filter((id) => !before.includes(id));
    expect(own).toHaveLength(1);
    const bridge: GuestBridge = {
      async call() {
        await engine?.getContainer(own[0] ?? "").kill();
        return { status: "ok", text: "" };
      },
    };
    const program = {
      file: "program.ts",
      source: `await callTool("lab", "x", {}); await new Promise(() => setTimeout(() => {}, 1e5));`,
    };
    await expect(session.run(program, { ...limits, bridge })).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
    const next = await open();
    expect((await next.run({ file: "program.ts", source: `console.log("next")` }, limits)).text).toBe("next");
    await next.close();
  });

  test("the program's process is nobody, with no way to process 1, no network, no capability and no writable place but its own", async () => {
    const source = `const { getBuiltinModule, getuid, kill } = (globalThis as any).process;
const fs = getBuiltinModule("node:fs"), os = getBuiltinModule("node:os");
const status = fs.readFileSync("/proc/self/status", "utf8");
for (const reach of [() => fs.readdirSync("/proc/1/fd"), () => fs.openSync("/proc/1/mem", "r+"), () => kill(1, "SIGKILL"), () => fs.writeFileSync("/run/errors-2/text", "")])
  try { reach(); console.log("reached"); } catch (e) { console.log((e as any).code); }
console.log(getuid(), Object.keys(os.networkInterfaces()).filter((name: string) => name !== "lo"));
console.log(/CapEff:\\s*(\\w+)/.exec(status)?.[1], /CapBnd:\\s*(\\w+)/.exec(status)?.[1], /NoNewPrivs:\\s*(\\d)/.exec(status)?.[1]);
for (const path of ["/x", "/opt/mcp-code-bench/runner.cjs", "/run/mcp-code-bench/x", "/workspace/servers/x", "/workspace/ok", "/tmp/ok"]) {
  try { fs.writeFileSync(path, "x"); console.log(path, "written"); } catch (e) { console.log(path, (e as any).code); }
}`;
    const files = new Map([["servers/lab/a.ts", ""]]);
    const session = await sandbox.open({ language: "javascript", files, memoryBytes: 2 ** 26 });
    const { text } = await session.run({ file: "program.ts", source }, limits);
    expect(text).toBe(`EACCES
EACCES
EPERM
EACCES
65534 []
0000000000000000 0000000000000000 1
/x EROFS
/opt/mcp-code-bench/runner.cjs EROFS
/run/mcp-code-bench/x EROFS
/workspace/servers/x EROFS
/workspace/ok written
/tmp/ok written`);
    await session.close();
  });

  test("what a crashed harness left is swept; what a living one owns stays", async () => {
    const living = await open();
    const harness = `import { docker } from ${JSON.stringify(fileURLToPath(new URL("./sandbox.ts", import.meta.url)))};
const sandbox = docker({ env: {}, platform: process.platform, now: () => performance.now(), tmpDir: ${JSON.stringify(tmpDir)}, nodePath: process.execPath });
await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
process.stdout.write("open"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", harness], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const orphans = await ids(child.pid);
    expect(orphans).toHaveLength(1);
    const owner = ownerOf(child.pid ?? 0);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    await sandbox.sweep();
    const label = [`mcp-code-bench.owner=${owner}`];
    expect(await engine?.listContainers({ all: true, filters: { label } })).toEqual([]);
    expect((await living.run({ file: "program.ts", source: `console.log("here")` }, limits)).text).toBe("here");
    await living.close();
  });
});
