/** Part of the protocol double, test code: what stands in for a machine is a folder and the processes that work below it. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execPath, kill } from "node:process";
import type { Readable, Writable } from "node:stream";

export type LocalProcess = ChildProcessByStdio<Writable, Readable, Readable>;

export interface LocalMachine {
  readonly folder: string;
  /** Path below the folder. */
  writeFile(path: string, bytes: Uint8Array): void;
  /** In the folder, and in no process group of its own, as E2B starts commands. */
  start(file: string, args: readonly string[]): LocalProcess;
  process(pid: number): LocalProcess | undefined;
  /** Ends every process, and removes the folder. */
  destroy(): void;
}

/** `profile` is what a login shell runs besides putting Node on its path. */
export function localMachine(profile: string): LocalMachine {
  const folder = mkdtempSync(join(tmpdir(), "e2b-double-"));
  const processes = new Map<number, LocalProcess>();
  writeFileSync(join(folder, ".bash_profile"), `export PATH=${dirname(execPath)}:$PATH\n${profile}\n`);
  return {
    folder,
    writeFile(path, bytes) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    },
    start(file, args) {
      const env = { HOME: folder, PATH: "/usr/bin:/bin" };
      const child = spawn(file, args, { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"] });
      // Told to whoever writes.
      child.stdin.on("error", () => undefined);
      if (child.pid !== undefined) processes.set(child.pid, child);
      return child;
    },
    process: (pid) => processes.get(pid),
    destroy() {
      for (const pid of processesBelow(folder)) endProcess(pid);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** Ids of processes that work below `folder`. */
export function processesBelow(folder: string): number[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.map(Number).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      // Ended meanwhile, or somebody else's.
      return false;
    }
  });
}

function endProcess(pid: number): void {
  try {
    kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}
