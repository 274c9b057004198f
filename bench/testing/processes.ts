/** Whether a process is still there, for tests that claim that none is left. */
import { readFileSync } from "node:fs";

/** A zombie counts as gone: it runs nothing, and only its parent can take it away. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    // No /proc on this platform, or the process went away in between.
    return process.platform !== "linux";
  }
}
