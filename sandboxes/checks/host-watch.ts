/**
 * What an attack costs the host: for how long its event loop did not turn, and by how much its resident memory grew at
 * most. Both are of the whole process, and are printed, never judged: a busy machine holds a host up too.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { HostCost } from "../../contract/index.ts";

/** Milliseconds between two turns that are looked for. */
const turnMs = 5;

/** Begins to watch. `now`: milliseconds, monotonic. What is returned ends it, once, and resolves with what was seen. */
export function watchHost(now: () => number): () => Promise<HostCost> {
  const residentAtStart = resetPeak() ? statusBytes("VmRSS") : undefined;
  let last = now();
  let stallMs = 0;
  const look = () => {
    const at = now();
    stallMs = Math.max(stallMs, at - last - turnMs);
    last = at;
  };
  const timer = setInterval(look, turnMs).unref();
  return async () => {
    // A stall that only just ended has not been seen.
    await new Promise((resolve) => setTimeout(resolve, turnMs));
    look();
    clearInterval(timer);
    const peak = statusBytes("VmHWM");
    const growthBytes = residentAtStart === undefined || peak === undefined ? null : Math.max(0, peak - residentAtStart);
    return { stallMs, growthBytes };
  };
}

/** Makes the kernel count the peak of this process's resident memory from now on. `false` where it cannot. */
function resetPeak(): boolean {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return true;
  } catch {
    // No /proc, or one without it.
    return false;
  }
}

function statusBytes(field: "VmRSS" | "VmHWM"): number | undefined {
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
