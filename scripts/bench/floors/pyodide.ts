/**
 * Pyodide by hand: its package loaded in a Node process with the backend's hardening, going on from a snapshot of its own
 * memory, running one trivial program, and messages read and written synchronously on the process' own standard input and
 * output.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SandboxHost } from "../../../contract/index.ts";
import type { RawFloor } from "./raw.ts";

/** Bytes of one message each way. */
const messageBytes = 120;

const childSource = `import { constants, readFileSync, readSync, writeSync } from "node:fs";
import { argv, exit } from "node:process";
process.binding = () => ({ fs: constants });
const { loadPyodide } = await import(argv[2]);
const memory = argv[3] === undefined ? { _makeSnapshot: true } : { _loadSnapshot: readFileSync(argv[3]) };
const python = await loadPyodide({ jsglobals: Object.freeze(Object.create(null)), ...memory });
if (argv[3] === undefined) {
  const bytes = python.makeMemorySnapshot();
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(1, bytes, written);
  exit(0);
}
// Node's pipe does not block; nothing is quicker than asking again.
const read = (buffer) => {
  for (;;) {
    try {
      return readSync(0, buffer);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
};
python.setStdin({ read, isatty: false });
python.setStdout({ write: (buffer) => writeSync(1, buffer), isatty: false });
python.runPython("import os, sys\\nos.write(1, str(1 + 1).encode())\\nwhile (data := os.read(0, 4096)):\\n    os.write(1, data)");
`;

/** Arguments of Node, with the snapshot to go on from; without one it is written to standard output. */
function childArguments(tmpDir: string, ...snapshot: readonly string[]): string[] {
  const package_ = fileURLToPath(import.meta.resolve("pyodide"));
  const file = join(tmpDir, "floor-pyodide.mjs");
  writeFileSync(file, childSource);
  const flags = ["--disallow-code-generation-from-strings", "--permission", "--disable-warning=SecurityWarning"];
  const readable = [dirname(package_), file, ...snapshot].map((path) => `--allow-fs-read=${path}`);
  return [...flags, ...readable, file, package_, ...snapshot];
}

const env = { TZ: "UTC" };

function makeSnapshot({ tmpDir, nodePath }: SandboxHost): string {
  const file = join(tmpDir, "floor-pyodide.snapshot");
  const output = openSync(file, "w");
  try {
    execFileSync(nodePath, childArguments(tmpDir), { env, stdio: ["ignore", output, "inherit"] });
  } finally {
    closeSync(output);
  }
  return file;
}

function start({ tmpDir, nodePath }: SandboxHost, snapshot: string) {
  const child = spawn(nodePath, childArguments(tmpDir, snapshot), { env, stdio: ["pipe", "pipe", "ignore"] });
  return {
    child,
    async end() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

export const floor: RawFloor = {
  id: "pyodide",
  note: "Pyodide in a Node process of its own under the same flags, from a snapshot of its memory; messages over its standard input and output.",
  async prepare(host) {
    const snapshot = makeSnapshot(host);
    return {
      async cold() {
        const begun = host.now();
        const { child, end } = start(host, snapshot);
        await once(child.stdout, "data");
        const coldMs = host.now() - begun;
        await end();
        return coldMs;
      },
      async roundTrip(calls) {
        const { child, end } = start(host, snapshot);
        await once(child.stdout, "data");
        const message = "x".repeat(messageBytes);
        const begun = host.now();
        for (let call = 0; call < calls; call++) {
          child.stdin.write(message);
          await once(child.stdout, "data");
        }
        const meanMs = (host.now() - begun) / calls;
        await end();
        return meanMs;
      },
      dispose: async () => undefined,
    };
  },
};
