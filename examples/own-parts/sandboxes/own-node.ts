/**
 * A Node child process for every program, under Node's permission model: it reads and writes its own folder, and starts
 * no process and no thread. Node's documentation says that the model does not hold malicious code, and it leaves the
 * network open: so this is marked as a control.
 *
 * The package's agent runs the program inside; what makes a backend of it is the command that starts it. A backend of
 * another kind implements `Sandbox` by itself: its docstrings say what a session must do.
 */
import {
  agentBundle,
  agentEnvironment,
  agentSessions,
  allFiles,
  nodeArguments,
  processBox,
  type SandboxFactory,
  sessionFolder,
} from "mcp-code-bench";

const id = "own-node";

export const ownNode: SandboxFactory = (host) => {
  const sessions = agentSessions(id);
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
    configuration: { model: "--permission", read: ["agent", "workspace"], write: ["workspace"], network: "open" },
    available: async () => ({ status: "available" }),
    open: async (options) =>
      sessions.open(options, await allFiles(options), async () => {
        const agent = await agentBundle();
        const folder = await sessionFolder(host.tmpDir, id);
        const access = [`--allow-fs-read=${agent.file}`, `--allow-fs-read=${folder.path}`, `--allow-fs-write=${folder.path}`];
        return processBox({
          sandbox: id,
          command: [host.nodePath, "--permission", ...access, ...nodeArguments(options.memoryBytes), agent.file, "stdio"],
          folder: folder.path,
          env: agentEnvironment,
          clean: folder.remove,
        });
      }),
    // Its agents end with their channel, and its folders lie in the run's own, which the package sweeps.
    sweep: async () => undefined,
    dispose: sessions.dispose,
  };
};
