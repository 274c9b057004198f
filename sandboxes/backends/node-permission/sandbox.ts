/**
 * A Node process for every program under Node's permission model, which Node's documentation calls no protection against
 * code that means harm: it keeps a program to its workspace and from starting processes, threads and add-ons. It does not
 * keep it from the network on Node 24.
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
    // Without permission to run programs there is nothing to cap but threads, which is the control group's work.
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
