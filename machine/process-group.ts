/**
 * A child process that leads a process group of its own, so that whatever it started ends with it; on Linux also what
 * left the group. Where there are no process groups (Windows) only the child is ended.
 */
import { type ChildProcessWithoutNullStreams, type StdioOptions, spawn } from "node:child_process";
// Signals to a group cannot be sent through the child's own object.
import { kill, platform } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { endMarked, newMark } from "./marked-processes.ts";

/** Time for a server to leave by itself once its stdin ended, and again once it got SIGTERM. */
const graceMs = 500;
const pollMs = 5;

export interface ProcessGroup {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles when the child has exited, with how it ended in words: `exited with code 3`. */
  readonly exited: Promise<string>;
  /** Ends stdin, waits, then SIGTERM, waits, then SIGKILL, until nothing that it started is left. Idempotent; never rejects. */
  stop(): Promise<void>;
  /** SIGKILL at once, for a child that floods. */
  killNow(): void;
}

export interface SpawnOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** Opens Node's IPC channel beside the three streams; only for a child that is Node. */
  readonly ipc: boolean;
}

/** Rejects with the operating system's error (`code` ENOENT, EACCES ...) when the command cannot be started. */
export async function spawnGroup({ command, args, env, cwd, ipc }: SpawnOptions): Promise<ProcessGroup> {
  const hasGroups = platform !== "win32";
  const mark = newMark();
  const stdio: StdioOptions = ipc ? ["pipe", "pipe", "pipe", "ipc"] : "pipe";
  // With stdio in a variable the types no longer see that all three streams are pipes.
  const child = spawn(command, [...args], {
    ...{ env: { ...env, ...mark }, cwd, stdio, detached: hasGroups, windowsHide: true },
  }) as ChildProcessWithoutNullStreams;
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  // After "spawn" an error means that a signal could not be sent; `stop` goes on without it.
  child.on("error", () => undefined);
  // A child that is gone does not read. Its exit reports that.
  child.stdin.on("error", () => undefined);

  let hasExited = false;
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => {
      hasExited = true;
      resolve(signal === null ? `exited with code ${code}` : `was ended by ${signal}`);
    });
  });
  // The group is ended as soon as its leader is gone: later its number might belong to another group.
  const groupGone = exited.then(async () => {
    if (hasGroups) await endGroup();
    // Only our own servers have a channel, and they start no processes.
    if (!ipc) await endMarked(mark, graceMs);
  });

  /** `false`: no process is left to signal. */
  function signal(name: "SIGTERM" | "SIGKILL" | 0): boolean {
    try {
      return hasGroups && child.pid !== undefined ? kill(-child.pid, name) : child.kill(name);
    } catch {
      // ESRCH: the group is empty. EPERM: a member changed its user, and we cannot end it.
      return false;
    }
  }

  async function endGroup(): Promise<void> {
    if (!signal("SIGTERM")) return;
    if (await gone(graceMs)) return;
    signal("SIGKILL");
    await gone(graceMs);
  }

  async function gone(withinMs: number): Promise<boolean> {
    for (let waitedMs = 0; waitedMs < withinMs; waitedMs += pollMs) {
      if (!signal(0)) return true;
      await sleep(pollMs);
    }
    return false;
  }

  async function exitsWithin(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const late = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([exited, late]);
    timer.abort();
    return hasExited;
  }

  let stopping: Promise<void> | undefined;
  async function stopNow(): Promise<void> {
    child.stdin.end();
    if (!(await exitsWithin(graceMs))) {
      signal("SIGTERM");
      if (!(await exitsWithin(graceMs))) {
        signal("SIGKILL");
        await exitsWithin(graceMs);
      }
    }
    if (hasExited) await groupGone;
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  }

  return {
    child,
    exited,
    stop() {
      stopping ??= stopNow();
      return stopping;
    },
    killNow() {
      signal("SIGKILL");
    },
  };
}
