/**
 * A Node child process for every program, under Node's permission model: it reads and writes its own folder, and starts
 * no process and no thread. Node's documentation says that the model does not hold malicious code, and it leaves the
 * network open: so this is marked as a control.
 *
 * The package's runner runs the program inside; what makes a backend of it is the command that starts it. A backend of
 * another kind implements `Sandbox` by itself: its docstrings say what a session must do.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  type Availability,
  allFiles,
  endOrphans,
  nodeArguments,
  processBox,
  runnerBundle,
  runnerEnvironment,
  runnerSessions,
  type SandboxFactory,
  sessionFolder,
} from "mcp-code-bench";

const id = "own-node";

/** Starts the command once, with the flags of a session: a Node that is missing, or too old for them, is reported before any run. */
async function tryNode(nodePath: string): Promise<Availability> {
  try {
    const args = ["--permission", ...nodeArguments(64 * 2 ** 20), "--eval", "0"];
    await promisify(execFile)(nodePath, args, { env: runnerEnvironment, timeout: 10_000 });
    return { status: "available" };
  } catch (error) {
    const reason = `${nodePath} does not start with --permission: ${(error as Error).message.trim()}`;
    return { status: "unavailable", reason, fix: "Run mcp-code-bench with Node 24 or newer." };
  }
}

export const ownNode: SandboxFactory = (host) => {
  const sessions = runnerSessions(id);
  let trial: Promise<Availability> | undefined;
  return {
    id,
    title: "Node child process under the permission model (control)",
    isolation: "process",
    control: true,
    languages: ["javascript"],
    enforces: ["wallTime", "output"],
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: [] },
    version: `node ${process.version}`,
    maxSessions: 16,
    emulates: null,
    configuration: { model: "--permission", read: ["runner", "workspace"], write: ["workspace"], network: "open" },
    available() {
      trial ??= tryNode(host.nodePath);
      return trial;
    },
    open: async (options) =>
      sessions.open(options, await allFiles(options), async () => {
        const runner = await runnerBundle();
        const folder = await sessionFolder(host.tmpDir, id);
        const read = [...runner.files, folder.path].map((path) => `--allow-fs-read=${path}`);
        const access = [...read, `--allow-fs-write=${folder.path}`];
        return processBox({
          sandbox: id,
          command: [host.nodePath, "--permission", ...access, ...nodeArguments(options.memoryBytes), runner.file, "stdio"],
          folder: folder.path,
          env: runnerEnvironment,
          clean: folder.remove,
        });
      }),
    // Its folders lie in the run's own, which the package sweeps.
    sweep: endOrphans,
    dispose: sessions.dispose,
  };
};
