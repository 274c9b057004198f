/** Which processes are there, for tests that claim that none is left. */
import { readdirSync, readFileSync } from "node:fs";

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

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Tells it from another that gets its number later. */
  readonly start: string;
}

/** All that run on this machine. */
export function processes(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // Past the command, which may hold anything.
      const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      const isEnded = fields[0] === "Z" || fields[0] === "X";
      return isEnded ? [] : [{ pid: Number(name), parent: Number(fields[1]), start: fields[19] ?? "" }];
    } catch {
      return [];
    }
  });
}

/** Children of `root` and theirs, not of those of its children that have ended. */
export function descendants(root: number): Process[] {
  const all = processes();
  const found: Process[] = [];
  const visit = (pid: number) => {
    for (const child of all.filter(({ parent }) => parent === pid)) {
      found.push(child);
      visit(child.pid);
    }
  };
  visit(root);
  return found;
}
