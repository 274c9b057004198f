/**
 * A Deno process for every program: permissions that deny everything but the workspace, by the runtime itself. Where a
 * control group can be made it bounds memory and threads, which no flag of V8 does.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Availability, Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { egressLimits } from "../../host/egress/proxy.ts";
import { cpus, engineMemoryBytes, maxProcesses } from "../../host/runner/box-limits.ts";
import { runnerBundle } from "../../host/runner/bundle.ts";
import { workspaceProcesses } from "../../host/runner/workspace-processes.ts";
import { type SessionFolder, sessionFolder } from "../../host/session/session-folder.ts";
import { egressSocket, egressVariable } from "../../runner/process/fetch.ts";
import { denoArguments, denoEnvironment } from "./arguments.ts";
import { copyCache, fillCache } from "./prepared.ts";
import { denoProgram } from "./program.ts";

const id = "deno";
const runnerName = "runner.mjs";

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
  // The proxy's socket is made by a path that only Linux has.
  const egress = host.platform === "linux";
  let prepared: Promise<SessionFolder> | undefined;
  /** Holds the runner, as a module, and `cache`. */
  const prepare = async (): Promise<SessionFolder> => {
    const folder = await sessionFolder(host.tmpDir, id);
    const runner = join(folder.path, runnerName);
    await writeFile(runner, (await runnerBundle()).main);
    await fillCache(join(folder.path, "cache"), [
      program?.path ?? "",
      ...denoArguments(folder.path, 64 * 2 ** 20),
      runner,
      "stdio",
    ]);
    return folder;
  };
  const { isGrouped, enforces, open, sweep, dispose } = workspaceProcesses(host, {
    sandbox: id,
    limits: (memoryBytes) => ({ memoryBytes: memoryBytes + engineMemoryBytes, maxProcesses, cpus }),
    available,
    egress,
    async prepare({ folder, workspace, memoryBytes, hasEgress }) {
      prepared ??= prepare();
      // A disk that was full may have room the next time.
      prepared.catch(() => {
        prepared = undefined;
      });
      const { path } = await prepared;
      const cache = join(folder, "cache");
      await copyCache(join(path, "cache"), cache);
      const proxy = hasEgress ? join(folder, egressSocket) : undefined;
      return {
        command: [program?.path ?? "", ...denoArguments(workspace, memoryBytes, proxy), join(path, runnerName), "stdio"],
        folder: workspace,
        // From the workspace, because a socket's path may have some 100 bytes.
        env: { ...denoEnvironment(cache), ...(hasEgress ? { [egressVariable]: `../${egressSocket}` } : {}) },
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
    egress,
    configuration: {
      arguments: denoArguments("/workspace", 0),
      env: Object.keys(denoEnvironment("")),
      egress: egress ? { arguments: denoArguments("/workspace", 0, `/${egressSocket}`), ...egressLimits } : null,
      controlGroup: isGrouped ? { engineMemoryBytes, maxProcesses, cpus } : null,
    },
    available,
    open,
    sweep,
    async dispose() {
      await dispose();
      await (await prepared?.catch(() => undefined))?.remove();
    },
  };
};
