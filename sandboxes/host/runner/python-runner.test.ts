/** The Python runner in a plain process, which isolates nothing: everything but what a box adds. */
import type { Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { describeConformance } from "../../checks/conformance/describe.ts";
import { sessionFolder } from "../session/session-folder.ts";
import { processBox } from "./process-box.ts";
import { pythonArguments, pythonPath, pythonRunner, pythonVersion } from "./python-files.ts";
import { runnerSessions } from "./sessions.ts";

const id = "plain-python";

const plainPython: SandboxFactory = (host): Sandbox => {
  const sessions = runnerSessions(id);
  return {
    id,
    title: "Plain Python process",
    isolation: "none",
    control: true,
    languages: ["python"],
    enforces: ["wallTime", "output"],
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: ["python"] },
    version: `python ${pythonVersion()}`,
    maxSessions: 8,
    emulates: null,
    configuration: {},
    available: async () =>
      pythonVersion() === undefined
        ? { status: "unavailable", reason: `no Python 3.11 or newer at ${pythonPath}`, fix: "Install the package python3." }
        : { status: "available" },
    open: (options) =>
      sessions.open(options, options.files, async () => {
        const folder = await sessionFolder(host.tmpDir, id);
        return processBox({
          sandbox: id,
          command: [pythonPath, ...pythonArguments, pythonRunner().folder, "stdio"],
          folder: folder.path,
          env: { TZ: "UTC" },
          clean: folder.remove,
        });
      }),
    sweep: async () => undefined,
    dispose: sessions.dispose,
  };
};

// The checks below need a box.
await describeConformance(plainPython, [
  { check: "memory-heap", reason: "nothing limits a plain process" },
  { check: "memory-buffers", reason: "nothing limits a plain process" },
  { check: "read-only-tree", reason: "the tree is in a folder of its own user" },
  { check: "path-escape", reason: "the host's files are there" },
  { check: "data", reason: "nothing is mounted" },
  { check: "files", reason: "its workspace is not /workspace" },
  { check: "same-text", reason: "its workspace is not /workspace" },
]);
