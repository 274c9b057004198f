import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { GuestBridge, RunOptions, Sandbox } from "../../../contract/index.ts";
import { describeBackend } from "../../../testing/conformance.ts";
import { patientMs } from "../../checks/conformance/context.ts";
import { testSandbox } from "../../checks/conformance/describe.ts";
import { pyodide, pyodideBackend } from "./sandbox.ts";

await describeBackend("pyodide");

const { sandbox, host, tmpDir, dispose } = testSandbox(pyodide);
const exposed = pyodideBackend(host, true);
const folder = mkdtempSync(join(tmpdir(), "pyodide-canary-"));
const canaryFile = join(folder, "canary.txt");
const canary = randomUUID();
writeFileSync(canaryFile, canary);
afterAll(async () => {
  await exposed.dispose();
  await dispose();
  rmSync(folder, { recursive: true });
});

const silent: GuestBridge = { call: async () => ({ status: "ok", text: "" }) };
const limits: RunOptions = { bridge: silent, wallTimeMs: patientMs, outputBytes: 10_000, virtualTime: false };

const open = (backend: Sandbox) => backend.open({ language: "python", files: new Map(), memoryBytes: 2 ** 26 });
const program = (source: string) => ({ file: "program.py", source });

async function play(source: string) {
  const session = await open(sandbox);
  try {
    return await session.run(program(source), limits);
  } finally {
    await session.close();
  }
}

const readCanary = `process.getBuiltinModule('node:fs').readFileSync(${JSON.stringify(canaryFile)}, 'utf8')`;
/** Ways from Python to JavaScript, each of which reads a file of the host where nothing stops it. */
const ways: readonly (readonly [name: string, source: string])[] = [
  [
    "the js module",
    `import js\nprint(js.process.getBuiltinModule("node:fs").readFileSync(${JSON.stringify(canaryFile)}, "utf8"))`,
  ],
  [
    "the constructor of a function",
    `import pyodide_js\nprint(pyodide_js.runPython.constructor(${JSON.stringify(`return ${readCanary}`)})())`,
  ],
  [
    "the constructor of a proxy that the core makes again",
    `import sys\nsys.modules.pop("_pyodide_core", None)\nfrom _pyodide_core import create_proxy\nprint(create_proxy(print).toString.constructor(${JSON.stringify(`return ${readCanary}`)})())`,
  ],
  [
    "a C function that evaluates JavaScript",
    `import ctypes\nevaluate = ctypes.CDLL(None).emscripten_run_script_string\nevaluate.restype = ctypes.c_char_p\nprint(evaluate(${JSON.stringify(readCanary)}.encode()))`,
  ],
];

/** One for all ways: it starts its interpreter itself, which takes seconds. */
const exposedSession = open(exposed);
test.each(ways)("by %s a program reads the host's files with Pyodide's own defaults, and not here", async (_name, source) => {
  expect((await (await exposedSession).run(program(source), limits)).text).toContain(canary);
  const contained = await play(source);
  expect(contained.status).toBe("threw");
  expect(contained.text).not.toContain(canary);
});

test("a program reaches nothing that listens on the host", async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const source = `import socket\ntry:\n    s = socket.socket()\n    s.settimeout(1)\n    s.connect(("127.0.0.1", ${port}))\n    s.send(b"x")\nexcept OSError:\n    print("refused")\nimport asyncio\nawait asyncio.sleep(0.2)`;
  await play(source);
  await new Promise((resolve) => server.close(resolve));
  expect(connections).toBe(0);
});

test("sessions that go on from one snapshot draw random numbers of their own", async () => {
  const source = `import os, random, tempfile, uuid
print(random.random(), random.Random().random(), os.urandom(8).hex(), uuid.uuid4(), next(tempfile._get_candidate_names()))`;
  const texts = [await play(source), await play(source)].map(({ text }) => text.split(" "));
  expect(new Set(texts.flat()).size).toBe(10);
});

test("a snapshot that cannot be made is SANDBOX_UNAVAILABLE with what was said, and the next open tries again", async () => {
  const starts = join(folder, "starts");
  const broken = join(folder, "node");
  writeFileSync(broken, `#!/bin/sh\necho start >>"${starts}"\necho "no room" >&2\nexit 3\n`, { mode: 0o755 });
  const backend = pyodide({ ...host, nodePath: broken });
  for (const attempt of [1, 2]) {
    await expect(open(backend)).rejects.toMatchObject({
      code: "SANDBOX_UNAVAILABLE",
      message: expect.stringContaining("its interpreter cannot be started: it ended with 3: no room"),
    });
    expect(readFileSync(starts, "utf8")).toBe("start\n".repeat(attempt));
  }
  await backend.dispose();
});

test("files in memory have a quota, and a data folder is read-only", async () => {
  const name = "in";
  const session = await sandbox.open({
    language: "python",
    files: new Map(),
    data: [{ name, path: folder }],
    memoryBytes: 2 ** 24,
  });
  const source = `print(len(open("data/in/canary.txt").read()))
for attempt in [lambda: open("data/in/canary.txt", "w"), lambda: open("data/in/new", "w")]:
    try:
        attempt()
    except OSError as error:
        print("refused")
try:
    with open("big", "wb") as file:
        while True:
            file.write(b"x" * 1_000_000)
except OSError as error:
    print(error.strerror)`;
  const outcome = await session.run(program(source), limits);
  expect(outcome.text).toBe("36\nrefused\nrefused\nNo space left on device");
  await session.close();
});

test("a Node or a folder that does not exist is SANDBOX_UNAVAILABLE", async () => {
  for (const broken of [
    { ...host, nodePath: "/nowhere/node" },
    { ...host, tmpDir: join(tmpDir, "nowhere") },
  ]) {
    await expect(open(pyodide(broken))).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
  }
});
