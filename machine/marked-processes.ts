/**
 * Processes that left a server's process group, as a child that was started detached does. The mark in their environment
 * says whose they are, and only those that carry it are ended. Linux alone lets it be read.
 */
import { readdirSync, readFileSync } from "node:fs";
import { kill, pid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { ownerOf } from "./owner.ts";

const markVariable = "MCP_CODE_BENCH_SERVER";
const pollMs = 25;

let marks = 0;

/** One more variable for the environment of a server, inherited by whatever it starts. No two servers share its value. */
export function newMark(): Readonly<Record<string, string>> {
  return { [markVariable]: `${ownerOf(pid)}-${++marks}` };
}

/** Sends SIGTERM to every process with this mark and, after `graceMs`, SIGKILL to those that are left. Never rejects. */
export async function endMarked(mark: Readonly<Record<string, string>>, graceMs: number): Promise<void> {
  const entry = `${markVariable}=${mark[markVariable]}`;
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const signalled = new Set<number>();
    for (let waitedMs = 0; waitedMs < graceMs; waitedMs += pollMs) {
      const left = processesWith(entry);
      if (left.length === 0) return;
      // Also those that came since: a process can start another before its signal arrives.
      for (const id of left.filter((found) => !signalled.has(found))) {
        signalled.add(id);
        send(id, signal);
      }
      await sleep(pollMs);
    }
  }
}

function send(id: number, signal: NodeJS.Signals): void {
  try {
    kill(id, signal);
  } catch {
    // It has ended, or changed its user: we cannot end it.
  }
}

function processesWith(entry: string): number[] {
  return processes().filter((id) => {
    try {
      return readFileSync(`/proc/${id}/environ`, "latin1").split("\0").includes(entry);
    } catch {
      // Somebody else's, or it has ended.
      return false;
    }
  });
}

function processes(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    // No /proc: not Linux.
    return [];
  }
}
