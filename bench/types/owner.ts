import { readFileSync, readlinkSync } from "node:fs";

/**
 * Names a process so that nobody takes another for it later: boot, process namespace, id and start time. What a process
 * makes outside itself (containers, folders, control groups) carries its owner's name, and whoever sweeps up removes
 * only what belongs to owners that are gone. Letters, digits, `.` and `-` alone: it goes into labels and file names.
 */
export function ownerOf(pid: number): string {
  return `${realm()}.${pid}.${startTime(pid) ?? 0}`;
}

/**
 * True only if this machine can tell that the owner has ended: what was made on another machine, in another process
 * namespace or before a restart is left alone.
 */
export function ownerIsGone(owner: string): boolean {
  const [place, pid = "", started = ""] = owner.split(".");
  if (place === "elsewhere" || place !== realm() || !/^\d+$/.test(pid)) return false;
  return startTime(Number(pid)) !== Number(started);
}

/** Boot and process namespace; "elsewhere" where there is no /proc, and there nothing is ever gone. */
function realm(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
    const namespace = /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
    return `${boot}-${namespace}`;
  } catch {
    return "elsewhere";
  }
}

/** Clock ticks after boot at which a process started; `undefined` if there is none. */
function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses, which may hold anything.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    return undefined;
  }
}
