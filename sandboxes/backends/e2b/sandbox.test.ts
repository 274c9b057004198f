/** Through E2B's own SDK against a protocol double: it proves that the adapter speaks the protocol, and nothing about E2B. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import type { GuestBridge, RunOptions, Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { withEnoughTime } from "../../../testing/patience.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { describeConformance, testSandbox } from "../../checks/conformance/describe.ts";
import { processesBelow } from "./double/local-machine.ts";
import { rootProblem } from "./double/machine-root.ts";
import { type ProtocolDouble, protocolDouble } from "./double/protocol-double.ts";
import { e2b, e2bWith } from "./sandbox.ts";
import { findService } from "./service.ts";

type Env = Readonly<Record<string, string>>;

const at =
  (env: Env, requestMs = patientMs): SandboxFactory =>
  (host) =>
    e2bWith({ requestMs, acceptDouble: true })({ ...host, env });

const shared = await protocolDouble();
const atDouble = at(shared.env);
const { sandbox, host, tmpDir, dispose } = testSandbox(atDouble);
afterAll(async () => {
  await dispose();
  await shared.close();
});

// The suite skips a backend that is unavailable, which this one must not be.
test("the SDK reaches the double", async () => expect(await sandbox.available()).toEqual({ status: "available" }));

// Python's machine has a root of its own.
const noRoot = rootProblem();
if (noRoot !== undefined) test.skip(`Python: unavailable here: ${noRoot}`, () => undefined);

await describeConformance(noRoot === undefined ? atDouble : (of) => ({ ...atDouble(of), languages: ["javascript"] }), [
  {
    check: "memory-buffers",
    reason: "the template decides how much memory the machine has: V8's heap limit does not count buffers, and Python has none",
  },
  {
    check: "next-program",
    reason: "between two programs it ends the process group of the first; what has left the group lives on in the machine",
  },
]);

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 30_000, virtualTime: false };
const openOptions = { language: "javascript", files: new Map<string, string>(), memoryBytes: 2 ** 26 } as const;
const open = (from: Sandbox = sandbox) => from.open(openOptions);
const program = (source: string) => ({ file: "program.ts", source });
const waiting = program(`await callTool("lab", "x", {}); await new Promise(() => setTimeout(() => {}, 1e5));`);
const unavailable = { code: "SANDBOX_UNAVAILABLE" };

/** Doubles of single tests. */
const doubles: ProtocolDouble[] = [];
afterEach(async () => {
  for (const double of doubles.splice(0)) await double.close();
});
async function ownDouble(options?: Parameters<typeof protocolDouble>[0], requestMs?: number) {
  const double = await protocolDouble(options);
  doubles.push(double);
  return { double, own: at(double.env, requestMs)(host) };
}

describe("e2b without a service", () => {
  const availability = (env: Env) => e2b({ ...host, env }).available();

  test("without a key it is unavailable, with the variable to set, and so is a session", async () => {
    expect(await availability({})).toEqual({
      status: "unavailable",
      reason: "it runs at a provider, and neither E2B_API_KEY nor E2B_API_URL is set",
      fix: expect.stringContaining("Set E2B_API_KEY to a key from https://"),
    });
    await expect(open(e2b({ ...host, env: { E2B_API_KEY: "" } }))).rejects.toMatchObject(unavailable);
  });

  test("the backend of the registry refuses a double, so that no report shows its times", async () => {
    for (const url of [shared.env.E2B_API_URL, "http://localhost:3000", "http://[::1]:3000", "http://a.localhost"]) {
      const env = { E2B_API_KEY: "e2b_x", E2B_API_URL: url, E2B_SANDBOX_URL: url };
      expect(await availability(env)).toMatchObject({ reason: expect.stringContaining("only a test double listens") });
      expect(e2b({ ...host, env }).emulates).toBe("protocol double");
    }
    expect(sandbox.emulates).toBe("protocol double");
  });

  test("a server of one's own is called so, and half an address is refused", async () => {
    const env = { E2B_API_URL: "https://e2b.example.test" };
    expect(e2b({ ...host, env })).toMatchObject({ emulates: null, configuration: { service: "own" } });
    expect(await availability(env)).toMatchObject({ fix: "Set both, or neither." });
    expect(await availability({ ...env, E2B_SANDBOX_URL: "user:secret" })).toMatchObject({ status: "unavailable" });
    expect(await availability({ E2B_API_URL: "no url" })).toMatchObject({ reason: "E2B_API_URL is not a URL" });
  });

  test("a refused key is reported, and shown nowhere", async () => {
    const key = `e2b_${"ab".repeat(20)}`;
    const own = at({ ...shared.env, E2B_API_KEY: key })(host);
    const answer = await own.available();
    expect(answer).toMatchObject({
      reason: expect.stringContaining("Unauthorized"),
      fix: expect.stringContaining("E2B_API_KEY"),
    });
    const error: unknown = await open(own).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(unavailable);
    expect(JSON.stringify([answer, own, (error as Error).stack, (error as Error).cause])).not.toContain(key);
  });

  test("a missing server is reported", async () => {
    const { double, own } = await ownDouble();
    await double.close();
    expect(await own.available()).toMatchObject({ reason: expect.stringContaining("ECONNREFUSED") });
  });

  test("without the package it says what to install", async () => {
    vi.resetModules();
    vi.doMock("e2b", () => {
      throw new Error("Cannot find package 'e2b'");
    });
    const fresh = await import("./sandbox.ts");
    const answer = await fresh.e2b({ ...host, env: { E2B_API_KEY: "e2b_x" } }).available();
    vi.doUnmock("e2b");
    expect(answer).toEqual({ status: "unavailable", reason: "the package e2b is not installed", fix: "Run npm install e2b." });
  });
});

describe("e2b at a double", () => {
  test("a machine is asked for without the internet, with an owner and a short life, and is gone after close", async () => {
    const { double, own } = await ownDouble();
    const session = await open(own);
    const [entry] = [...double.machines.values()];
    expect(entry?.request).toMatchObject({
      templateID: "base",
      timeout: 300,
      allow_internet_access: false,
      network: { allowPublicTraffic: false },
      metadata: { "mcp-code-bench.owner": expect.stringMatching(/^[0-9a-f]{8}-\d+-\d+$/), "mcp-code-bench.sandbox": "e2b" },
    });
    await session.close();
    expect(double.machines.size).toBe(0);
    expect(processesBelow(entry?.machine.folder ?? "")).toEqual([]);
  });

  test("no key, no address and nothing else of the host reaches the guest", async () => {
    const session = await open();
    const source = `const { process } = globalThis as any;
console.log(process.getBuiltinModule("node:fs").readFileSync("/proc/self/environ", "utf8").split("\\0").map((entry: string) => entry.split("=")[0]).join(" "));
console.log(process.argv.length, Object.keys(process.env));`;
    const { text } = await session.run(program(source), limits);
    expect(text.trim().split("\n")).toEqual(["PATH TZ ", `1 ["TZ"]`]);
    await session.close();
  });

  test("a service that dies in mid-run is SANDBOX_UNAVAILABLE", async () => {
    const { double, own } = await ownDouble();
    const session = await open(own);
    const bridge: GuestBridge = {
      async call() {
        await double.close();
        return { status: "ok", text: "" };
      },
    };
    await expect(session.run(waiting, { ...limits, bridge })).rejects.toMatchObject(unavailable);
    await expect(session.listFiles()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    await own.dispose();
  });

  test("a service that stops to answer is SANDBOX_UNAVAILABLE, in a run and at open", async () => {
    // Short, but long enough for a machine that does start.
    const { double, own, session } = await withEnoughTime(500, async (requestMs) => {
      const made = await ownDouble({}, requestMs);
      return { ...made, session: await open(made.own) };
    });
    const bridge: GuestBridge = {
      async call() {
        double.hang();
        return { status: "ok", text: "" };
      },
    };
    await expect(session.run(waiting, { ...limits, bridge })).rejects.toMatchObject(unavailable);
    await expect(open(own)).rejects.toMatchObject(unavailable);
    await own.dispose();
  });

  test("an answer that never comes has a deadline of the host's own", async () => {
    const service = await findService({ ...host, env: shared.env }, { requestMs: 20, acceptDouble: true });
    if ("status" in service) throw new Error(service.reason);
    const never = new Promise<never>(() => undefined);
    await expect(service.ask("it says nothing", never)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining("it says nothing: no answer in 20 ms"),
    });
  });

  test("a machine that starts slowly, with a profile that prints, is waited for", async () => {
    const { own } = await ownDouble({ startMs: 500, profile: `echo "Welcome to {}"; printf unfinished; echo trouble >&2` });
    const session = await open(own);
    expect((await session.run(program(`console.log("here")`), limits)).text).toBe("here");
    await session.close();
  });

  test("a template without Node 24 is unavailable, with what to do, and leaves no machine", async () => {
    for (const profile of ["node() { echo v22.22.0; }", "PATH=/nowhere"]) {
      const { double, own } = await ownDouble({ profile });
      await expect(open(own)).rejects.toMatchObject({
        ...unavailable,
        message: expect.stringMatching(/template base has no Node 24 or later.*set E2B_TEMPLATE=/s),
      });
      expect(double.machines.size).toBe(0);
    }
  });

  test("what a program leaves running is ended before the next program runs", async () => {
    const session = await open();
    const source = `const child = (globalThis as any).process.getBuiltinModule("node:child_process").spawn("/bin/sleep", ["60"], { stdio: "ignore" });
child.unref(); console.log(child.pid);`;
    const left = Number((await session.run(program(source), limits)).text);
    expect(left).toBeGreaterThan(1);
    await session.run(program(""), limits);
    const folders = [...shared.machines.values()].map(({ machine }) => machine.folder);
    expect(folders.flatMap(processesBelow)).not.toContain(left);
    await session.close();
  });

  test("a program that ends its own process threw, and one that writes to the channel broke it", async () => {
    const session = await open();
    const ending = program(`console.log("bye"); (globalThis as any).process.exit(3);`);
    expect((await session.run(ending, limits)).text).toBe("bye\nError: Error: The program ended its process with code 3");
    const write = `(globalThis as any).process.getBuiltinModule("node:fs").writeSync`;
    for (const source of [`${write}(1, "no JSON\\n");`, `for (;;) ${write}(1, "x".repeat(2 ** 16));`]) {
      const { text } = await session.run(program(`${source} for (;;);`), limits);
      expect(text).toBe("Error: Error: The program broke the channel of its process");
    }
    expect((await session.run(program(`console.log("next")`), limits)).text).toBe("next");
    await session.close();
  });

  test("what a crashed harness left is swept, page by page; what a living one owns stays", async () => {
    const living = await open();
    const lived = [...shared.machines.keys()];
    const harness = `import { e2bWith } from ${JSON.stringify(fileURLToPath(new URL("./sandbox.ts", import.meta.url)))};
const host = { env: ${JSON.stringify(shared.env)}, platform: process.platform, now: () => 0, tmpDir: ${JSON.stringify(tmpDir)}, nodePath: process.execPath };
const sandbox = e2bWith({ requestMs: 20_000, acceptDouble: true })(host);
for (let n = 0; n < 3; n++) await sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
process.stdout.write("open"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", harness], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(shared.machines.size).toBe(lived.length + 3);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    await sandbox.sweep();
    expect([...shared.machines.keys()]).toEqual(lived);
    expect((await living.run(program(`console.log("here")`), limits)).text).toBe("here");
    await living.close();
  });
});

describe.runIf(noRoot === undefined)("e2b at a double, Python", () => {
  const openPython = (from: Sandbox = sandbox) => from.open({ ...openOptions, language: "python" });
  const pythonProgram = (source: string) => ({ file: "program.py", source });

  test("programs run as nobody, see nothing of the host, and change neither the runner nor the place of the tree", async () => {
    const session = await openPython();
    const source = `import os, sys
with open("/proc/self/status") as file:
    facts = dict(line.split(":", 1) for line in file)
print({name: facts[name].split() for name in ["Uid", "Groups", "CapEff", "CapBnd", "NoNewPrivs"]})
with open("/proc/self/environ") as file:
    print([entry.split("=")[0] for entry in file.read().split("\\0")], sys.argv)
for path in ["/opt/mcp-code-bench/python/__main__.py", "/workspace/servers/x", "/x", "/workspace/ok"]:
    try:
        open(path, "a").close()
        print(path, "written")
    except OSError as error:
        print(path, error.strerror)
try:
    os.rename("servers", "own")
except OSError as error:
    print(error.strerror)`;
    const nobody = ["65534", "65534", "65534", "65534"].map((id) => `'${id}'`).join(", ");
    expect((await session.run(pythonProgram(source), limits)).text.split("\n")).toEqual([
      `{'Uid': [${nobody}], 'Groups': [], 'CapEff': ['0000000000000000'], 'CapBnd': ['0000000000000000'], 'NoNewPrivs': ['1']}`,
      "['PATH', 'TZ', ''] ['']",
      "/opt/mcp-code-bench/python/__main__.py Permission denied",
      "/workspace/servers/x Permission denied",
      "/x Permission denied",
      "/workspace/ok written",
      "Operation not permitted",
    ]);
    await session.close();
  });

  test("what a program or its children write to standard output is not the channel's", async () => {
    const session = await openPython();
    const source = `import os, subprocess
os.write(1, b"no JSON\\n")
subprocess.run(["/bin/echo", "nor this"])
print("here")`;
    expect((await session.run(pythonProgram(source), limits)).text).toBe("here");
    await session.close();
  });

  test("a template without Python 3.11 is unavailable, with what to do, and leaves no machine", async () => {
    const old = `mkdir /old; printf '#!/bin/sh\\necho Python 3.10.12' >/old/python3; chmod 755 /old/python3; PATH=/old:$PATH`;
    const none = "mkdir /none; ln -s /usr/bin/setpriv /none; PATH=/none";
    for (const [profile, found] of [
      [old, "Python 3.10.12"],
      [none, "setpriv: failed to execute python3: No such file or directory"],
    ] as const) {
      const { double, own } = await ownDouble({ profile });
      const error: unknown = await openPython(own).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(unavailable);
      expect((error as Error).message).toContain(
        `its template base has no Python 3.11 or newer (python3 --version: ${found}). Build one with`,
      );
      expect((error as Error).message).toContain("set E2B_TEMPLATE=");
      expect(double.machines.size).toBe(0);
    }
  });

  test("a service that dies in mid-run is SANDBOX_UNAVAILABLE", async () => {
    const { double, own } = await ownDouble();
    const session = await openPython(own);
    const bridge: GuestBridge = {
      async call() {
        await double.close();
        return { status: "ok", text: "" };
      },
    };
    const calling = pythonProgram(`await call_tool("lab", "x", {})\nwhile True:\n    pass`);
    await expect(session.run(calling, { ...limits, bridge })).rejects.toMatchObject(unavailable);
    await own.dispose();
  });
});
