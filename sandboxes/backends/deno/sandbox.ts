/**
 * A Deno process for every program: permissions that deny everything but the workspace, by the runtime itself. Where a
 * control group can be made it bounds memory and threads, which no flag of V8 does.
 */
import { join } from "node:path";
import type { Availability, Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "../../host/runner/box-limits.ts";
import { runnerBundle } from "../../host/runner/bundle.ts";
import { workspaceProcesses } from "../../host/runner/workspace-processes.ts";
import { denoArguments, denoEnvironment } from "./arguments.ts";
import { denoProgram } from "./program.ts";

const id = "deno";

export const deno: SandboxFactory = (host): Sandbox => {
  const program = denoProgram();
  const available = async (): Promise<Availability> =>
    program !== undefined
      ? { status: "available" }
      : {
          status: "unavailable",
          reason: "the package deno is not installed, or has no program for this machine",
          fix: "Run npm install deno.",
        };
  const { isGrouped, enforces, open, sweep, dispose } = workspaceProcesses(host, {
    sandbox: id,
    limits: (memoryBytes) => ({ memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus }),
    available,
    async prepare({ folder, workspace, memoryBytes }) {
      const runner = await runnerBundle();
      return {
        command: [program?.path ?? "", ...denoArguments(workspace, memoryBytes), runner.file, "stdio"],
        folder: workspace,
        env: denoEnvironment(join(folder, "cache")),
      };
    },
  });
  return {
    id,
    title: `Deno process: permissions for the workspace alone, ${isGrouped ? "in a control group" : "memory not limited here"}`,
    isolation: "process",
    control: false,
    languages: ["javascript"],
    // Deno may not run programs, so only threads need a cap, which the control group sets.
    enforces,
    bridgeTransport: "standard input and output",
    persists: { files: true, globals: [] },
    version: `deno ${program?.version ?? "not installed"}`,
    maxSessions: 32,
    emulates: null,
    configuration: {
      arguments: denoArguments("/workspace", 0),
      env: Object.keys(denoEnvironment("")),
      controlGroup: isGrouped ? { engineMemoryBytes, maxProcesses, cpus } : null,
    },
    available,
    open,
    sweep,
    dispose,
  };
};
