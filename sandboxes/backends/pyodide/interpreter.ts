/** How Pyodide is loaded, by the process that makes a snapshot and by those that start from one. */
import { constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PyodideAPI, PyodideConfig } from "pyodide";
import type { InterpreterSettings } from "./protocol.ts";

export const workspace = "/workspace";

export interface Interpreter {
  readonly python: PyodideAPI;
  /** Copies a folder of the host into the files in memory. Links are not followed: the guest may not read what they name. */
  copyIn(folder: string, target: string): void;
  /** Once in the life of an interpreter, snapshot included. */
  loadRunner(): void;
}

/** `memory`: whether a snapshot can be made of it, or the snapshot that it starts from. The runner's files are there. */
export async function loadInterpreter(
  { engineUrl, runnerFolder, exposeJavaScript }: InterpreterSettings,
  memory: Pick<PyodideConfig, "_makeSnapshot" | "_loadSnapshot">,
): Promise<Interpreter> {
  // The file system's start asks Node for its constants in a way that the permission model refuses.
  Object.assign(process, { binding: () => ({ fs: constants }) });
  // The interpreter takes it for sys.executable.
  process.argv[1] = "python";
  const { loadPyodide } = (await import(engineUrl)) as typeof import("pyodide");
  const python = await loadPyodide({
    ...(exposeJavaScript ? {} : { jsglobals: Object.freeze(Object.create(null)) as object }),
    env: { HOME: workspace, TZ: "UTC" },
    ...memory,
  });
  const copyIn = (folder: string, target: string) => {
    python.FS.mkdirTree(target);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const [from, to] = [join(folder, entry.name), `${target}/${entry.name}`];
      if (entry.isDirectory()) copyIn(from, to);
      else if (entry.isFile()) python.FS.writeFile(to, readFileSync(from));
    }
  };
  const runnerTarget = "/runner";
  copyIn(runnerFolder, runnerTarget);
  return {
    python,
    copyIn,
    loadRunner: () => python.runPython(`import sys; sys.path.insert(0, "${runnerTarget}"); import mcp_runner.wasm`),
  };
}
