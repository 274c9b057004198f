/** Which processes work in a folder. */
import { readdirSync, readlinkSync } from "node:fs";

/** Ids of processes whose working folder is below `folder`, also when the folder is gone; empty where there is no /proc. */
export function processesBelow(folder: string): string[] {
  try {
    return readdirSync("/proc").filter((id) => /^\d+$/.test(id) && workingFolder(id).startsWith(folder));
  } catch {
    return [];
  }
}

function workingFolder(id: string): string {
  try {
    return readlinkSync(`/proc/${id}/cwd`);
  } catch {
    // Ended meanwhile, or somebody else's.
    return "";
  }
}
