/**
 * A plain Node process for every program: the control that escape probes must get out of, and a lower bound of what a
 * sandbox costs. It isolates nothing. The host still ends it, and everything in its process group, on time; what has left
 * the group lives on, also beside the next program of the session.
 */
import { version } from "node:process";
import type { Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { endOrphans } from "../../../machine/orphans.ts";
import { runnerBundle } from "../../host/runner/bundle.ts";
import { nodeArguments, runnerEnvironment } from "../../host/runner/node-arguments.ts";
import { processBox } from "../../host/runner/process-box.ts";
import { allFiles } from "../../host/runner/session.ts";
import { runnerSessions } from "../../host/runner/sessions.ts";
import { sessionFolder } from "../../host/session/session-folder.ts";

const id = "subprocess";

export const subprocess: SandboxFactory = (host): Sandbox => {
  const sessions = runnerSessions(id);
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
    configuration: { arguments: nodeArguments(0), env: Object.keys(runnerEnvironment) },
    available: async () => ({ status: "available" }),
    open: async (options) =>
      sessions.open(options, await allFiles(options), async () => {
        const runner = await runnerBundle();
        const folder = await sessionFolder(host.tmpDir, id);
        return processBox({
          sandbox: id,
          command: [host.nodePath, ...nodeArguments(options.memoryBytes), runner.file, "stdio"],
          folder: folder.path,
          env: runnerEnvironment,
          clean: folder.remove,
        });
      }),
    sweep: endOrphans,
    dispose: sessions.dispose,
  };
};
