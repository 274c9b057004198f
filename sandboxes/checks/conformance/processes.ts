/** Which processes work in a folder. */
import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { patientMs } from "./context.ts";

const pauseMs = 50;

/**
 * Ids of processes that work below `folder`, also when the folder is gone, once the kernel has had the time to drop what was
 * killed; empty where there is no /proc.
 */
export async function processesLeftBelow(folder: string): Promise<string[]> {
  for (let waitedMs = 0; waitedMs < patientMs && processesBelow(folder).length > 0; waitedMs += pauseMs) await delay(pauseMs);
  return processesBelow(folder);
}

function processesBelow(folder: string): string[] {
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
