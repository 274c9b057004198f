/**
 * Processes that a harness left when it was killed. Most end with the channel to it. One that computes does not look at
 * the channel, and is found by the owner in its environment.
 */
import { readdirSync, readFileSync } from "node:fs";
import { kill, pid } from "node:process";
import { ownerIsGone, ownerOf } from "./owner.ts";

export const ownerVariable = "MCP_CODE_BENCH_OWNER";

/** Added to the environment of a process, so that it can be found. */
export const ownerEnvironment = (): Readonly<Record<string, string>> => ({ [ownerVariable]: ownerOf(pid) });

/**
 * Ends processes that a `processBox` of any backend started and whose harness is gone. Those of a living harness stay.
 * Does nothing where there is no /proc. Never rejects.
 */
export async function endOrphans(): Promise<void> {
  for (const id of processes()) {
    try {
      const environment = readFileSync(`/proc/${id}/environ`, "utf8").split("\0");
      const owner = environment.find((entry) => entry.startsWith(`${ownerVariable}=`))?.slice(ownerVariable.length + 1);
      if (owner !== undefined && ownerIsGone(owner)) kill(Number(id), "SIGKILL");
    } catch {
      // Somebody else's, or it has ended.
    }
  }
}

function processes(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    // Not Linux.
    return [];
  }
}
