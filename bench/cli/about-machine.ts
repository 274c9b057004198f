/** What `run.json` says of the machine and the program, so that a figure can be traced to where it was measured. */
import { createHash } from "node:crypto";
import { arch, cpus, hostname, platform, totalmem } from "node:os";
import type { Machine, RunInfo } from "../../contract/index.ts";
import { packageVersion } from "../records/version.ts";
import type { CliProcess } from "./cli-process.ts";

export async function aboutMachine(
  cli: Pick<CliProcess, "nodeVersion" | "platform">,
): Promise<{ readonly machine: Machine; readonly versions: RunInfo["versions"] }> {
  const [cpu] = cpus();
  return {
    machine: {
      id: machineMark(),
      node: cli.nodeVersion,
      platform: cli.platform,
      arch: arch(),
      cpu: cpu?.model.trim() ?? "unknown",
      cpus: cpus().length,
      memoryBytes: totalmem(),
    },
    versions: { "mcp-code-bench": await packageVersion() },
  };
}

/** Tells machines apart without naming them: the first 12 digits of a SHA-256 over what stays the same on one. */
export function machineMark(): string {
  const mark = [hostname(), platform(), arch(), cpus()[0]?.model ?? "", cpus().length];
  return createHash("sha256").update(JSON.stringify(mark)).digest("hex").slice(0, 12);
}
