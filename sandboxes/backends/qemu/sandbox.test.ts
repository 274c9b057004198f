/** Needs QEMU and a kernel for its machines; scripts/setup-sandboxes.sh installs both. */
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { maxProcesses } from "../../host/runner/box-limits.ts";
import { pythonPath } from "../../host/runner/python-files.ts";
import { bytecodeOf } from "./engine.ts";
import { markerSplitter } from "./machine-box.ts";
import { qemu, qemuCold } from "./sandbox.ts";

await describeBackend("qemu");

const restored = testSandbox(qemu);
const cold = testSandbox(qemuCold);
afterAll(async () => {
  await restored.dispose();
  await cold.dispose();
});
const isThere = (await restored.sandbox.available()).status === "available";

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };
const open = ({ sandbox }: typeof restored) => sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
const program = (source: string) => ({ file: "program.ts", source });
const hasPython = restored.sandbox.languages.includes("python");
const openPython = ({ sandbox }: typeof restored) => sandbox.open({ language: "python", files: new Map(), memoryBytes: 2 ** 26 });
const pythonProgram = (source: string) => ({ file: "program.py", source });

/** Ids of the machines that the process `parent` started. */
function machines(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        const stat = readFileSync(`/proc/${id}/stat`, "latin1");
        return stat.includes("(qemu-system") && Number(stat.replace(/^.*\) /s, "").split(" ")[1]) === parent;
      } catch {
        // Ended meanwhile.
        return false;
      }
    })
    .map(Number);
}

test("without what it needs it is unavailable, with the reason and what to do", async () => {
  const bare = { ...restored.host, env: { PATH: "/nowhere" } };
  expect(await qemu(bare).available()).toMatchObject({
    status: "unavailable",
    reason: "qemu-system-x86_64 is not installed",
    fix: expect.stringContaining("scripts/setup-sandboxes.sh qemu"),
  });
  const elsewhere = { ...restored.host, platform: "darwin" } as const;
  expect(await qemu(elsewhere).available()).toMatchObject({ status: "unavailable", reason: expect.stringContaining("darwin") });
  await expect(qemu(bare).open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 })).rejects.toMatchObject({
    code: "SANDBOX_UNAVAILABLE",
  });
});

test("a marker separates runners however the bytes are cut, and every other byte is handed on", () => {
  const marker = Buffer.from("#12#13");
  const bytes = Buffer.concat([Buffer.from("a#1b#12#"), marker, marker, Buffer.from("#12#12"), marker, Buffer.from("##")]);
  for (let size = 1; size <= bytes.length; size++) {
    const seen: string[] = [""];
    const split = markerSplitter(
      marker,
      (some) => void seen.push(`${seen.pop()}${some}`),
      () => void seen.push(""),
    );
    for (let at = 0; at < bytes.length; at += size) split(bytes.subarray(at, at + size));
    split(Buffer.from("."));
    expect(seen).toEqual(["a#1b#12#", "", "#12#12", "##."]);
  }
});

test.runIf(hasPython)("bytecode of a module as it was before is left out of the image", async () => {
  const module = join(restored.tmpDir, "module.py");
  writeFileSync(module, "answer = 42");
  expect(await bytecodeOf(module)).toBeUndefined();
  execFileSync(pythonPath, ["-m", "compileall", "-q", module]);
  // Not to be compared with its module.
  expect((await bytecodeOf(module))?.bytes.readUInt32LE(4)).toBe(1);
  writeFileSync(module, "answer = 43 ");
  expect(await bytecodeOf(module)).toBeUndefined();
});

describe.runIf(isThere)("qemu on this machine", () => {
  test("software emulation is said in the title and in `emulates`", () => {
    const { emulates, title } = restored.sandbox;
    if (emulates === null) expect(title).toContain("(KVM)");
    else expect(title).toContain(emulates);
  });

  test("sessions from one snapshot have the right time, and random numbers of their own", async () => {
    const source = `const { getBuiltinModule } = (globalThis as any).process;
console.log(JSON.stringify([Math.random(), Math.random(), getBuiltinModule("node:crypto").randomBytes(16).toString("hex"),
  getBuiltinModule("node:fs").readFileSync("/proc/sys/kernel/random/uuid", "utf8"), Date.now(), performance.timeOrigin + performance.now()]));`;
    const told: unknown[][] = [];
    for (let round = 0; round < 2; round++) {
      // The host tells a machine that it restores the time, to the nearest second.
      const openedMs = Date.now();
      const session = await open(restored);
      for (let run = 0; run < 2; run++) {
        const values = JSON.parse((await session.run(program(source), limits)).text) as unknown[];
        told.push(values.slice(0, 4));
        for (const at of values.slice(4).map(Number)) {
          expect(at).toBeGreaterThan(openedMs - 1_000);
          expect(at).toBeLessThan(Date.now() + 2_000);
        }
      }
      await session.close();
    }
    expect(new Set(told.flat()).size).toBe(told.flat().length);
  });

  test.runIf(hasPython)("Python sessions from one snapshot have random numbers and hashes of their own", async () => {
    const source = `import os, random, time, uuid
print([random.random(), hash("seed"), os.urandom(16).hex(), str(uuid.uuid4()), time.time()])`;
    const told: string[] = [];
    for (let round = 0; round < 2; round++) {
      const openedMs = Date.now();
      const session = await openPython(restored);
      const { text } = await session.run(pythonProgram(source), limits);
      const values = text.slice(1, -1).split(", ");
      const atMs = Number(values.pop()) * 1000;
      expect(atMs).toBeGreaterThan(openedMs - 1_000);
      expect(atMs).toBeLessThan(Date.now() + 2_000);
      told.push(...values);
      await session.close();
    }
    expect(told).toHaveLength(8);
    expect(new Set(told).size).toBe(told.length);
  });

  test("the program's process is nobody, with no network, no capability and no writable place but its own", async () => {
    const source = `const { getBuiltinModule, getuid } = (globalThis as any).process;
const fs = getBuiltinModule("node:fs"), os = getBuiltinModule("node:os");
const status = fs.readFileSync("/proc/self/status", "utf8");
console.log(getuid(), Object.keys(os.networkInterfaces()).filter((name: string) => name !== "lo"));
console.log(/CapEff:\\s*(\\w+)/.exec(status)?.[1], /NoNewPrivs:\\s*(\\d)/.exec(status)?.[1]);
for (const path of ["/x", "/opt/mcp-code-bench/runner.cjs", "/run/x", "/workspace/servers/x", "/workspace/ok", "/tmp/ok", "/dev/vport0p2", "/dev/mem"]) {
  try { fs.writeFileSync(path, "x"); console.log(path, "written"); } catch (e) { console.log(path, (e as any).code); }
}`;
    const files = new Map([["servers/lab/a.ts", ""]]);
    const session = await restored.sandbox.open({ language: "javascript", files, memoryBytes: 2 ** 26 });
    const { text } = await session.run(program(source), limits);
    expect(text).toBe(`65534 []
0000000000000000 1
/x EROFS
/opt/mcp-code-bench/runner.cjs EROFS
/run/x EACCES
/workspace/servers/x EROFS
/workspace/ok written
/tmp/ok written
/dev/vport0p2 EACCES
/dev/mem EACCES`);
    await session.close();
  });

  test.runIf(hasPython)("a Python program's process is no more than that, and runs into the cap of processes", async () => {
    const source = `import os, signal, socket
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
print(os.getuid(), [name for _, name in socket.if_nameindex() if name != "lo"], status["CapEff"], status["NoNewPrivs"])
for path in ["/x", "/opt/mcp-code-bench/python/x", "/run/x", "/workspace/servers/x", "/workspace/ok", "/tmp/ok", "/dev/vport0p2", "/dev/mem"]:
    try:
        open(path, "w").close()
        print(path, "written")
    except OSError as error:
        print(path, error.strerror)
children = []
try:
    while len(children) < 1000:
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
except OSError as error:
    print(error.strerror, len(children) < ${maxProcesses})`;
    const files = new Map([["servers/lab/a.py", ""]]);
    const session = await restored.sandbox.open({ language: "python", files, memoryBytes: 2 ** 26 });
    const { text } = await session.run(pythonProgram(source), limits);
    expect(text).toBe(
      `65534 [] 0000000000000000 1
/x Read-only file system
/opt/mcp-code-bench/python/x Read-only file system
/run/x Permission denied
/workspace/servers/x Read-only file system
/workspace/ok written
/tmp/ok written
/dev/vport0p2 Permission denied
/dev/mem Permission denied
Resource temporarily unavailable True`.replace("true", "True"),
    );
    await session.close();
  });

  test("a program that ends its own process threw, and what it left behind is gone when the next one begins", async () => {
    const session = await open(restored);
    const source = `const { getBuiltinModule, exit } = (globalThis as any).process;
getBuiltinModule("node:child_process").spawn("/bin/sleep", ["100"], { detached: true, stdio: "inherit" });
console.log("bye"); exit(3);`;
    expect((await session.run(program(source), limits)).text).toBe(
      "bye\nError: Error: The program ended its process with code 3",
    );
    const list = `const fs = (globalThis as any).process.getBuiltinModule("node:fs");
console.log(fs.readdirSync("/proc").filter((id: string) => /^\\d+$/.test(id) && fs.readFileSync("/proc/" + id + "/cmdline", "utf8").includes("sleep")));`;
    expect((await session.run(program(list), limits)).text).toBe("[]");
    await session.close();
  });

  test("a machine killed from outside is SANDBOX_UNAVAILABLE, and the next session works", async () => {
    const before = machines(process.pid);
    const session = await open(restored);
    const [own] = machines(process.pid).filter((id) => !before.includes(id));
    const bridge: GuestBridge = {
      async call() {
        process.kill(own ?? 0, "SIGKILL");
        return { status: "ok", text: "" };
      },
    };
    const source = `await callTool("lab", "x", {}); await new Promise(() => setTimeout(() => {}, 1e5));`;
    await expect(session.run(program(source), { ...limits, bridge })).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
    const next = await open(restored);
    expect((await next.run(program(`console.log("next")`), limits)).text).toBe("next");
    await next.close();
  });

  test("machines end with the harness that started them", async () => {
    const harness = `import { qemu } from ${JSON.stringify(fileURLToPath(new URL("./sandbox.ts", import.meta.url)))};
const sandbox = qemu({ env: {}, platform: process.platform, now: () => performance.now(), tmpDir: ${JSON.stringify(restored.tmpDir)}, nodePath: process.execPath });
await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
process.stdout.write("open"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", harness], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const own = machines(child.pid ?? 0);
    expect(own).toHaveLength(1);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const isGone = (id: number) => {
      try {
        return readFileSync(`/proc/${id}/stat`, "latin1").includes(") Z ");
      } catch {
        return true;
      }
    };
    await expect.poll(() => own.every(isGone)).toBe(true);
  });

  test("qemu-cold boots a machine for a session, and plays as a restored one does", async () => {
    const session = await open(cold);
    expect((await session.run(program(`console.log("booted", new Date().getFullYear() > 2020)`), limits)).text).toBe(
      "booted true",
    );
    expect((await session.run(program(`console.log("again")`), limits)).text).toBe("again");
    await session.close();
  });

  test.runIf(hasPython)("qemu-cold boots a machine for a Python session, whose globals stay", async () => {
    const session = await openPython(cold);
    await session.run(pythonProgram("import datetime\nbooted = datetime.date.today().year"), limits);
    expect((await session.run(pythonProgram("print(booted > 2020)"), limits)).text).toBe("True");
    await session.close();
  });
});
