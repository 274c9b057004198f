/**
 * CPython in WebAssembly (Pyodide), in a process of its own for each session, so that the host can end a program that
 * does not end. The interpreter has no system below it: its files are in memory and it has no network.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Availability, Sandbox, SandboxFactory, SandboxHost } from "../../../contract/index.ts";
import { processBox } from "../../host/runner/process-box.ts";
import { pythonRunner } from "../../host/runner/python-files.ts";
import { runnerSessions } from "../../host/runner/sessions.ts";
import { sessionFolder } from "../../host/session/session-folder.ts";
import { outsideTree, sessionTrees } from "../../host/session/session-tree.ts";
import { startedCode } from "../../started-code.ts";
import type { GuestSettings, InterpreterSettings } from "./protocol.ts";
import { memorySnapshot } from "./snapshot.ts";

const id = "pyodide";

/** Flags that keep a program which reaches JavaScript from making code of it, and from the machine's files. */
const hardening = ["--disallow-code-generation-from-strings", "--permission", "--allow-worker"];
const engineArguments = ["--disable-warning=SecurityWarning", "--disable-warning=ExperimentalWarning"];

interface Installed {
  readonly engineUrl: string;
  readonly folder: string;
  readonly version: string;
}

/** `undefined` if the package is not installed. */
function installed(): Installed | undefined {
  try {
    const manifest = fileURLToPath(import.meta.resolve("pyodide/package.json"));
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
    return { engineUrl: import.meta.resolve("pyodide"), folder: dirname(manifest), version };
  } catch {
    return undefined;
  }
}

export const pyodide: SandboxFactory = (host) => pyodideBackend(host, false);

/** `exposeJavaScript`: Pyodide's own default, for tests that have to see what gets out of it. */
export function pyodideBackend(host: SandboxHost, exposeJavaScript: boolean): Sandbox {
  const sessions = runnerSessions(id);
  const trees = sessionTrees(host.tmpDir, id);
  const found = installed();
  const interpreter: InterpreterSettings = {
    engineUrl: found?.engineUrl ?? "",
    runnerFolder: pythonRunner().folder,
    exposeJavaScript,
  };
  /** What starts a process of Pyodide's that may read `paths` and what it needs itself. */
  const command = (name: string, settings: InterpreterSettings, paths: readonly string[]): [string, ...string[]] => {
    const entry = fileURLToPath(startedCode(`backends/pyodide/${name}`));
    const readable = [found?.folder ?? "", join(dirname(entry), "../.."), interpreter.runnerFolder, ...paths];
    const limits = exposeJavaScript ? [] : [...hardening, ...readable.map((path) => `--allow-fs-read=${path}`)];
    return [host.nodePath, ...engineArguments, ...limits, entry, JSON.stringify(settings)];
  };
  const snapshot = memorySnapshot(host.tmpDir, id, command("make-snapshot", interpreter, []));
  const availability: Availability =
    found === undefined
      ? { status: "unavailable", reason: "the package pyodide is not installed", fix: "Run npm install pyodide." }
      : { status: "available" };
  return {
    id,
    title: "Pyodide: CPython in WebAssembly, in a process of its own",
    isolation: "interpreter",
    control: false,
    languages: ["python"],
    enforces: ["wallTime", "memory", "output", "disk"],
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: ["python"] },
    version: `pyodide ${found?.version ?? "(not installed)"}`,
    maxSessions: 8,
    emulates: null,
    configuration: {
      arguments: hardening,
      jsglobals: exposeJavaScript ? "globalThis" : "frozen and empty",
      files: "in memory",
      start: exposeJavaScript ? "its own" : "from a snapshot of its memory",
    },
    available: async () => availability,
    open: (options) =>
      sessions.open(options, outsideTree(options.files), async () => {
        const tree = await trees.folderOf(options.files);
        const snapshotFile = exposeJavaScript ? null : await snapshot.file();
        const folder = await sessionFolder(host.tmpDir, id);
        const { data = [], memoryBytes } = options;
        const settings: GuestSettings = { ...interpreter, snapshotFile, treeFolder: tree, data, memoryBytes };
        const readable = [tree, ...data.map(({ path }) => path), ...(snapshotFile === null ? [] : [snapshotFile])];
        return processBox({
          sandbox: id,
          command: command("guest-process", settings, readable),
          folder: folder.path,
          env: { TZ: "UTC" },
          clean: folder.remove,
        });
      }),
    // Its processes end with their channel.
    sweep: async () => undefined,
    async dispose() {
      await sessions.dispose();
      await trees.dispose();
      await snapshot.dispose();
    },
  };
}
