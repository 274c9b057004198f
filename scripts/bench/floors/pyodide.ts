/**
 * Pyodide by hand: its package loaded in a Node process with the backend's hardening, running one trivial program, and
 * messages read and written synchronously on the process' own standard input and output.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SandboxHost } from "../../../bench/types/index.ts";
import type { RawFloor } from "./raw.ts";

/** Bytes of one message each way. */
const messageBytes = 120;

const childSource = `import { constants, readSync, writeSync } from "node:fs";
import { argv } from "node:process";
process.binding = () => ({ fs: constants });
const { loadPyodide } = await import(argv[2]);
const python = await loadPyodide({ jsglobals: Object.freeze(Object.create(null)) });
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

function start(host: SandboxHost) {
  const package_ = fileURLToPath(import.meta.resolve("pyodide"));
  const file = join(host.tmpDir, "floor-pyodide.mjs");
  writeFileSync(file, childSource);
  const flags = ["--disallow-code-generation-from-strings", "--permission", "--disable-warning=SecurityWarning"];
  const readable = [dirname(package_), file].map((path) => `--allow-fs-read=${path}`);
  const child = spawn(host.nodePath, [...flags, ...readable, file, package_], {
    env: { TZ: "UTC" },
    stdio: ["pipe", "pipe", "ignore"],
  });
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
  note: "Pyodide loaded in a Node process of its own under the same flags; messages over its standard input and output.",
  prepare: async (host) => ({
    async cold() {
      const begun = host.now();
      const { child, end } = start(host);
      await once(child.stdout, "data");
      const coldMs = host.now() - begun;
      await end();
      return coldMs;
    },
    async roundTrip(calls) {
      const { child, end } = start(host);
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
  }),
};
