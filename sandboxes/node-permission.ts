/**
 * A Node process for every program under Node's permission model, which Node's documentation calls no protection against
 * code that means harm: it keeps a program to its workspace and from starting processes, threads and add-ons. It does not
 * keep it from the network on Node 24.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { version } from "node:process";
import type { Sandbox, SandboxFactory } from "../bench/types/index.ts";
import { agentSessions } from "./agent/backend.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "./agent/box-limits.ts";
import { agentBundle } from "./agent/bundle.ts";
import { groupedBox } from "./agent/grouped-box.ts";
import { agentEnvironment, nodeArguments } from "./agent/node-arguments.ts";
import { allFiles } from "./agent/session.ts";
import { controlGroups } from "./cgroup.ts";
import { sessionFolder } from "./session/session-folder.ts";
import { writeFiles } from "./session/written-files.ts";

const id = "node-permission";

/** `agent`: absolute path of its file. Both kinds of access reach everything in the workspace. */
export const permissionArguments = (workspace: string, agent: string): string[] => [
  "--permission",
  `--allow-fs-read=${agent}`,
  `--allow-fs-read=${workspace}`,
  `--allow-fs-write=${workspace}`,
];

export const nodePermission: SandboxFactory = (host): Sandbox => {
  const sessions = agentSessions(id);
  const groups = controlGroups();
  const isGrouped = groups.available().status === "available";
  return {
    id,
    title: `Node's permission model: files of the workspace alone, network not blocked${isGrouped ? "" : ", memory not limited here"}`,
    isolation: "process",
    control: false,
    languages: ["javascript"],
    // Without permission to run programs there is nothing to cap but threads, which is the control group's work.
    enforces: isGrouped ? ["wallTime", "memory", "output", "processes"] : ["wallTime", "output"],
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: false },
    version: `node ${version}`,
    maxSessions: 32,
    emulates: null,
    configuration: {
      arguments: [...nodeArguments(0), ...permissionArguments("/workspace", "agent")],
      env: Object.keys(agentEnvironment),
      blocksNetwork: false,
      controlGroup: isGrouped ? { engineMemoryBytes, maxProcesses, cpus } : null,
    },
    available: async () => ({ status: "available" }),
    open: async (options) => {
      const files = await allFiles(options);
      return sessions.open(options, new Map(), async () => {
        const agent = await agentBundle();
        const folder = await sessionFolder(host.tmpDir, id);
        const workspace = join(folder.path, "workspace");
        await mkdir(workspace);
        await writeFiles(workspace, files);
        const { memoryBytes } = options;
        const limits = { memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus };
        return groupedBox(isGrouped ? groups.make(limits) : undefined, {
          sandbox: id,
          command: [
            host.nodePath,
            ...nodeArguments(memoryBytes),
            ...permissionArguments(workspace, agent.file),
            agent.file,
            "stdio",
          ],
          folder: workspace,
          env: agentEnvironment,
          clean: folder.remove,
        });
      });
    },
    // Its agents end with their channel, unless they are busy.
    sweep: groups.sweep,
    dispose: sessions.dispose,
  };
};
