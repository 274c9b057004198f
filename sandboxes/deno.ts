/**
 * A Deno process for every program: permissions that deny everything but the workspace, by the runtime itself. Where a
 * control group can be made it bounds memory and threads, which no flag of V8 does.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Availability, BenchError, type Sandbox, type SandboxFactory } from "../bench/types/index.ts";
import { agentSessions } from "./agent/backend.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "./agent/box-limits.ts";
import { agentBundle } from "./agent/bundle.ts";
import { groupedBox } from "./agent/grouped-box.ts";
import { allFiles } from "./agent/session.ts";
import { controlGroups } from "./cgroup.ts";
import { denoArguments, denoEnvironment } from "./deno/arguments.ts";
import { denoProgram } from "./deno/program.ts";
import { sessionFolder } from "./session/session-folder.ts";
import { writeFiles } from "./session/written-files.ts";

const id = "deno";

export const deno: SandboxFactory = (host): Sandbox => {
  const sessions = agentSessions(id);
  const groups = controlGroups();
  const isGrouped = groups.available().status === "available";
  const program = denoProgram();

  const available = async (): Promise<Availability> =>
    program !== undefined
      ? { status: "available" }
      : {
          status: "unavailable",
          reason: "the package deno is not installed, or has no program for this machine",
          fix: "Run npm install deno.",
        };

  return {
    id,
    title: `Deno process: permissions for the workspace alone, ${isGrouped ? "in a control group" : "memory not limited here"}`,
    isolation: "process",
    control: false,
    languages: ["javascript"],
    // Without permission to run programs there is nothing to cap but threads, which is the control group's work.
    enforces: isGrouped ? ["wallTime", "memory", "output", "processes"] : ["wallTime", "output"],
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: false },
    version: `deno ${program?.version ?? "not installed"}`,
    maxSessions: 32,
    emulates: null,
    configuration: {
      arguments: denoArguments("/workspace", 0),
      env: Object.keys(denoEnvironment("")),
      controlGroup: isGrouped ? { engineMemoryBytes, maxProcesses, cpus } : null,
    },
    available,
    open: async (options) => {
      const files = await allFiles(options);
      // The host writes them: the guest has no permission to.
      return sessions.open(options, new Map(), async () => {
        const availability = await available();
        if (program === undefined || availability.status === "unavailable") {
          throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason: "", fix: "", ...availability });
        }
        const agent = await agentBundle();
        const folder = await sessionFolder(host.tmpDir, id);
        const workspace = join(folder.path, "workspace");
        await mkdir(workspace);
        await writeFiles(workspace, files);
        const { memoryBytes } = options;
        const limits = { memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus };
        return groupedBox(isGrouped ? groups.make(limits) : undefined, {
          sandbox: id,
          command: [program.path, ...denoArguments(workspace, memoryBytes), agent.file, "stdio"],
          folder: workspace,
          env: denoEnvironment(join(folder.path, "cache")),
          clean: folder.remove,
        });
      });
    },
    // Its agents end with their channel, unless they are busy.
    sweep: groups.sweep,
    dispose: sessions.dispose,
  };
};
