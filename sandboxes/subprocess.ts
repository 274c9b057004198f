/**
 * A plain Node process for every program: the control that escape probes must get out of, and what a sandbox costs
 * more than. It isolates nothing. The host still ends it, and everything in its process group, on time.
 */
import { version } from "node:process";
import type { Sandbox, SandboxFactory } from "../bench/types/index.ts";
import { agentSessions } from "./agent/backend.ts";
import { agentBundle } from "./agent/bundle.ts";
import { agentEnvironment, nodeArguments } from "./agent/node-arguments.ts";
import { processBox } from "./agent/process-box.ts";
import { allFiles } from "./agent/session.ts";
import { endOrphans } from "./orphans.ts";
import { sessionFolder } from "./session/session-folder.ts";

const id = "subprocess";

export const subprocess: SandboxFactory = (host): Sandbox => {
  const sessions = agentSessions(id);
  return {
    id,
    title: "Plain Node child process (control, no isolation)",
    isolation: "none",
    control: true,
    languages: ["javascript"],
    enforces: ["wallTime", "output"],
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: [] },
    // The host's Node, which is the one that it names as nodePath.
    version: `node ${version}`,
    maxSessions: 32,
    emulates: null,
    configuration: { arguments: nodeArguments(0), env: Object.keys(agentEnvironment) },
    available: async () => ({ status: "available" }),
    open: async (options) =>
      sessions.open(options, await allFiles(options), async () => {
        const agent = await agentBundle();
        const folder = await sessionFolder(host.tmpDir, id);
        return processBox({
          sandbox: id,
          command: [host.nodePath, ...nodeArguments(options.memoryBytes), agent.file, "stdio"],
          folder: folder.path,
          env: agentEnvironment,
          clean: folder.remove,
        });
      }),
    sweep: endOrphans,
    dispose: sessions.dispose,
  };
};
