/** The memory that processes take, as /proc reports it. */
import { readdir, readFile } from "node:fs/promises";

interface Process {
  readonly id: number;
  readonly parent: number;
  readonly group: number;
}

/**
 * Resident bytes of every process in the group of a leader, and of their descendants, which may have left it. Pages that
 * two of them share count for each. `null` if no process is left, and where there is no /proc.
 */
export async function residentBytesOf(leaders: readonly number[]): Promise<number | null> {
  const ids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const processes = (await Promise.all(ids.map(processOf))).filter((one) => one !== undefined);
  const found = new Set(processes.filter(({ id, group }) => leaders.includes(id) || leaders.includes(group)));
  // Iteration also visits what is added to the set meanwhile.
  for (const { id } of found) for (const one of processes) if (one.parent === id) found.add(one);
  const sizes = await Promise.all([...found].map(({ id }) => bytesOf(id)));
  return sizes.length === 0 ? null : sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** `undefined`: it has ended. */
async function processOf(name: string): Promise<Process | undefined> {
  const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => undefined);
  // After the program's name in parentheses, which may hold anything: state, parent, process group.
  const [, parent, group] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return stat === undefined ? undefined : { id: Number(name), parent: Number(parent), group: Number(group) };
}

/** 0 once it has ended. */
async function bytesOf(id: number): Promise<number> {
  const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
