/**
 * Names the process that owns a file or folder, in the file's own name: what a killed process left is recognised by the
 * next one. A process number alone is not enough, since the system gives it out again.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { kill, pid as ownPid } from "node:process";

const pattern = /^([0-9a-f]{8})-(\d+)-(\d+)$/;

/** `<machine>-<process number>-<start time>`: letters, digits and dashes only, the same for the whole life of a process. */
export function ownerTag(): string {
  return `${machine()}-${ownPid}-${processStat(ownPid)?.startTicks ?? 0}`;
}

/** `elsewhere`: of another machine or container, or no tag at all; whether it lives cannot be told from here. */
export type OwnerState = "alive" | "gone" | "elsewhere";

export function ownerState(tag: string): OwnerState {
  const [, where, number, ticks] = pattern.exec(tag) ?? [];
  if (where !== machine()) return "elsewhere";
  const pid = Number(number);
  if (!exists(pid)) return "gone";
  const stat = processStat(pid);
  // A zombie runs nothing: it waits for a parent that may never take it away.
  if (stat === undefined) return "alive";
  return stat.state !== "Z" && stat.startTicks === Number(ticks) ? "alive" : "gone";
}

/** The process number in a tag, for messages. */
export function ownerPid(tag: string): string {
  return pattern.exec(tag)?.[2] ?? "unknown";
}

function machine(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

function exists(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** State (field 3) and clock ticks from the machine's start to the process's (field 22) of proc_pid_stat(5); `undefined` where that cannot be read. */
function processStat(pid: number): { readonly state: string | undefined; readonly startTicks: number } | undefined {
  try {
    // The second field is the command in brackets and may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return { state: fields[0], startTicks: Number(fields[19]) };
  } catch {
    // Not Linux, or it ended meanwhile.
    return undefined;
  }
}
