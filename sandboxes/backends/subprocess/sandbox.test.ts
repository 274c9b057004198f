import { readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, expect, test } from "vitest";
import type { GuestBridge, RunOptions } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { subprocess } from "./sandbox.ts";

await describeBackend("subprocess");

const { sandbox, tmpDir, dispose } = testSandbox(subprocess);
afterAll(dispose);

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const options: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };
const open = () => sandbox.open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });

/** The id of the one process that works below `folder`. */
function processBelow(folder: string): number {
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${id}/cwd`).startsWith(folder)) return Number(id);
    } catch {
      // It has ended, or is somebody else's.
    }
  }
  throw new Error(`no process works below ${folder}`);
}

test("a process killed from outside is SANDBOX_UNAVAILABLE", async () => {
  const session = await open();
  const bridge: GuestBridge = {
    async call() {
      process.kill(processBelow(tmpDir), "SIGKILL");
      return { status: "ok", text: "" };
    },
  };
  await expect(
    session.run({ file: "program.ts", source: `await callTool("lab", "x", {});` }, { ...options, bridge }),
  ).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
  await expect(session.listFiles()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
});

test("a Node or a folder that does not exist is SANDBOX_UNAVAILABLE", async () => {
  const host = { env: {}, platform: process.platform, now: () => 0, tmpDir: tmpdir(), nodePath: "/nowhere/node" };
  for (const broken of [host, { ...host, nodePath: process.execPath, tmpDir: "/nowhere" }]) {
    const opening = subprocess(broken).open({ language: "javascript", files: new Map(), memoryBytes: 2 ** 26 });
    await expect(opening).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
  }
});

test("a program that ends its own process threw", async () => {
  const session = await open();
  const outcome = await session.run(
    { file: "program.ts", source: `console.log("bye"); (globalThis as any).process.exit(3);` },
    options,
  );
  expect(outcome.text).toBe("bye\nError: Error: The program ended its process with code 3");
  await session.close();
});

test("frames that the program forges on the channel make an outcome, never an error of the host", async () => {
  for (const frames of [
    ["5"],
    ["null"],
    [`{"type":"call","call":null}`],
    [`{"type":"call"}`],
    [`{"type":"done","thrown":5,"files":5}`],
    [`{"type":"ready"}`, `{"type":"done","thrown":null,"files":{"read":[1]}}`],
    ["no JSON"],
    [`{"type":"output","text":{"toString":1}}`],
  ]) {
    const opened = await open();
    const source = `const { writeSync } = (globalThis as any).process.getBuiltinModule("node:fs");
for (const json of ${JSON.stringify(frames)}) writeSync(1, String.fromCharCode(0, 0, 0, json.length) + json);`;
    const outcome = await opened.run({ file: "program.ts", source }, options);
    expect(["returned", "threw"]).toContain(outcome.status);
    await opened.close();
  }
  const opened = await open();
  const source = `(globalThis as any).process.getBuiltinModule("node:fs").writeSync(1, "a frame of two gigabytes"); for (;;);`;
  expect((await opened.run({ file: "program.ts", source }, options)).text).toBe(
    "Error: Error: The program broke the channel of its process",
  );
  expect((await opened.run({ file: "program.ts", source: `console.log("next")` }, options)).text).toBe("next");
  await opened.close();
});

test("a symbolic link out of the workspace is not followed by the file API, on either side", async () => {
  const session = await open();
  const source = `import { readFile, writeFile } from "node:fs/promises";
(globalThis as any).process.getBuiltinModule("node:fs").symlinkSync("/etc", "out");
for (const attempt of [() => readFile("out/hostname", "utf8"), () => writeFile("out/x", "x")]) await attempt().catch((e) => console.log(e.message));`;
  const outcome = await session.run({ file: "program.ts", source }, options);
  expect(outcome.text).toBe("EACCES: permission denied, open 'out/hostname'\nEACCES: permission denied, open 'out/x'");
  await expect(session.readFile("out/hostname")).rejects.toMatchObject({ code: "PATH_OUTSIDE_WORKSPACE" });
  await expect(session.writeFile("out/x", new Uint8Array())).rejects.toMatchObject({ code: "PATH_OUTSIDE_WORKSPACE" });
  await session.close();
});
