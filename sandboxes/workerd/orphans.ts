/** workerd processes that a harness left when it was killed: they are found by the owner in their environment. */
import { readdirSync, readFileSync } from "node:fs";
import { kill } from "node:process";
import { ownerIsGone } from "../../bench/types/index.ts";

export const ownerVariable = "MCP_CODE_BENCH_WORKERD_OWNER";

/** Ends those whose owner is gone. Never throws. */
export function endOrphans(): void {
  for (const pid of processes()) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      const owner = environment.find((entry) => entry.startsWith(`${ownerVariable}=`))?.slice(ownerVariable.length + 1);
      if (owner !== undefined && ownerIsGone(owner)) kill(Number(pid), "SIGKILL");
    } catch {
      // Somebody else's, or it has ended meanwhile.
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
