import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { kill } from "node:process";

/*
 * Names the process that owns what it makes outside itself: containers, folders, locks, control groups. The next process
 * sweeps only what belongs to processes that are gone. A process number alone is not enough, since the system gives it
 * out again.
 */

const pattern = /^([0-9a-f]{8})-(\d+)-(\d+)$/;

/** `<place>-<process number>-<start time>`: hexadecimal, digits and dashes, the same for the whole life of a process. */
export function ownerOf(pid: number): string {
  return `${place()}-${pid}-${processStat(pid)?.startTicks ?? 0}`;
}

/** `elsewhere`: of another machine, container or boot, or no owner at all; whether it lives cannot be seen from here. */
export type OwnerState = "alive" | "gone" | "elsewhere";

export function ownerState(owner: string): OwnerState {
  const [, where, number, ticks] = pattern.exec(owner) ?? [];
  if (where !== place()) return "elsewhere";
  const pid = Number(number);
  if (!exists(pid)) return "gone";
  const stat = processStat(pid);
  // A zombie runs nothing: it waits for a parent that may never take it away.
  if (stat === undefined) return "alive";
  return stat.state !== "Z" && stat.startTicks === Number(ticks) ? "alive" : "gone";
}

export const ownerIsGone = (owner: string): boolean => ownerState(owner) === "gone";

/** The process number, for messages. */
export function ownerPid(owner: string): string {
  return pattern.exec(owner)?.[2] ?? "unknown";
}

/** Machine, boot and process namespace, as far as the system shows them, in eight hexadecimal digits. */
function place(): string {
  const facts = [
    hostname(),
    told(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    told(() => readlinkSync("/proc/self/ns/pid")),
  ];
  return createHash("sha256").update(facts.join("\n")).digest("hex").slice(0, 8);
}

function told(read: () => string): string {
  try {
    return read();
  } catch {
    // Not Linux.
    return "";
  }
}

function exists(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
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
    // Not Linux, or it has ended.
    return undefined;
  }
}
