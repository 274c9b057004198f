/**
 * A Node process for every program under Node's permission model. It keeps a program to its workspace, and from starting
 * processes, threads and add-ons. On Node 24 the network is open, and Node's documentation says that the model does not
 * protect against malicious code.
 */
import { version } from "node:process";
import type { Availability, Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "../../host/runner/box-limits.ts";
import { runnerBundle } from "../../host/runner/bundle.ts";
import { nodeArguments, runnerEnvironment } from "../../host/runner/node-arguments.ts";
import { workspaceProcesses } from "../../host/runner/workspace-processes.ts";

const id = "node-permission";

/** `runner`: absolute path of its file. Both kinds of access reach everything in the workspace. */
export const permissionArguments = (workspace: string, runner: string): string[] => [
  "--permission",
  `--allow-fs-read=${runner}`,
  `--allow-fs-read=${workspace}`,
  `--allow-fs-write=${workspace}`,
];

export const nodePermission: SandboxFactory = (host): Sandbox => {
  const available = async (): Promise<Availability> => ({ status: "available" });
  const { isGrouped, enforces, open, sweep, dispose } = workspaceProcesses(host, {
    sandbox: id,
    limits: (memoryBytes) => ({ memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus }),
    available,
    async prepare({ workspace, memoryBytes }) {
      const { file } = await runnerBundle();
      const limits = [...nodeArguments(memoryBytes), ...permissionArguments(workspace, file)];
      return { command: [host.nodePath, ...limits, file, "stdio"], folder: workspace, env: runnerEnvironment };
    },
  });
  return {
    id,
    title: `Node's permission model: files of the workspace alone, network not blocked${isGrouped ? "" : ", memory not limited here"}`,
    isolation: "process",
    control: false,
    languages: ["javascript"],
    // Node may not run programs, so only threads need a cap, which the control group sets.
    enforces,
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: [] },
    version: `node ${version}`,
    maxSessions: 32,
    emulates: null,
    configuration: {
      arguments: [...nodeArguments(0), ...permissionArguments("/workspace", "runner")],
      env: Object.keys(runnerEnvironment),
      blocksNetwork: false,
      controlGroup: isGrouped ? { engineMemoryBytes, maxProcesses, cpus } : null,
    },
    available,
    open,
    sweep,
    dispose,
  };
};
