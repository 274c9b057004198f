/**
 * A Node process for every program under Node's permission model: a control. The model refuses processes, threads, add-ons,
 * and files outside the workspace by way of node:fs. On Node 24 it leaves open what reaches the host all the same:
 * - node:sqlite reads and writes databases anywhere, also through ATTACH.
 * - The network, and Unix sockets. A container engine's socket is root on the host.
 * - Signals to every process of the same user, and a change of user where the harness is root.
 * Flags could close the first alone. Namespaces would close the others, and those are other backends. Node's documentation
 * says itself that the model does not protect against malicious code.
 */
import { version } from "node:process";
import type { Availability, Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "../../host/runner/box-limits.ts";
import { runnerBundle } from "../../host/runner/bundle.ts";
import { nodeArguments, runnerEnvironment } from "../../host/runner/node-arguments.ts";
import { workspaceProcesses } from "../../host/runner/workspace-processes.ts";

const id = "node-permission";

/** `runner`: absolute paths of its files. Both kinds of access reach everything in the workspace. */
export const permissionArguments = (workspace: string, runner: readonly string[]): string[] => [
  "--permission",
  ...[...runner, workspace].map((path) => `--allow-fs-read=${path}`),
  `--allow-fs-write=${workspace}`,
];

export const nodePermission: SandboxFactory = (host): Sandbox => {
  const available = async (): Promise<Availability> => ({ status: "available" });
  const { isGrouped, enforces, open, sweep, dispose } = workspaceProcesses(host, {
    sandbox: id,
    limits: (memoryBytes) => ({ memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus }),
    available,
    async prepare({ workspace, memoryBytes }) {
      const { file, files } = await runnerBundle();
      const limits = [...nodeArguments(memoryBytes), ...permissionArguments(workspace, files)];
      return { command: [host.nodePath, ...limits, file, "stdio"], folder: workspace, env: runnerEnvironment };
    },
  });
  return {
    id,
    title: `Node's permission model (control: sockets, node:sqlite and signals reach the host${isGrouped ? "" : "; memory not limited here"})`,
    isolation: "none",
    control: true,
    languages: ["javascript"],
    // Node may not run programs, so only threads need a cap, which the control group sets.
    enforces,
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: [] },
    version: `node ${version}`,
    maxSessions: 32,
    emulates: null,
    configuration: {
      arguments: [...nodeArguments(0), ...permissionArguments("/workspace", ["runner"])],
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
