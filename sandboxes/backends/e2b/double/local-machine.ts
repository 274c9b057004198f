/** Part of the protocol double, test code: what stands in for a machine is a folder and the processes that work below it. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execPath, kill } from "node:process";
import type { Readable, Writable } from "node:stream";
import { machineRoot } from "./machine-root.ts";

export type LocalProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** `user`: the default one, who is whoever runs the tests. */
export type LocalUser = "user" | "root";

export interface LocalMachine {
  readonly folder: string;
  /** Path below the folder; root's is below the root of the machine. */
  writeFile(path: string, bytes: Uint8Array, user: LocalUser): void;
  /** In the user's folder, and in no process group of its own, as E2B starts commands. */
  start(file: string, args: readonly string[], user: LocalUser): LocalProcess;
  process(pid: number): LocalProcess | undefined;
  /** Ends every process, and removes the folder. Idempotent. */
  destroy(): Promise<void>;
}

/** `profile` is what a login shell runs besides putting Node on its path. */
export function localMachine(profile: string): LocalMachine {
  const folder = mkdtempSync(join(tmpdir(), "e2b-double-"));
  const processes = new Map<number, LocalProcess>();
  const root = machineRoot(join(folder, "root"));
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  write(join(folder, ".bash_profile"), `export PATH=${dirname(execPath)}:$PATH\n${profile}\n`);
  write(root.located("/root/.bash_profile"), `${profile}\n`);
  return {
    folder,
    writeFile: (path, bytes, user) => write(user === "root" ? root.located(path) : join(folder, path), bytes),
    start(file, args, user) {
      const [program = "", ...rest] = user === "root" ? root.command(file, args) : [file, ...args];
      const env = { HOME: folder, PATH: "/usr/bin:/bin" };
      const child = spawn(program, rest, { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"] });
      // The writer gets the error.
      child.stdin.on("error", () => undefined);
      if (child.pid !== undefined) processes.set(child.pid, child);
      return child;
    },
    process: (pid) => processes.get(pid),
    async destroy() {
      for (const pid of processesBelow(folder)) endProcess(pid);
      await root.end();
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
      // It has ended, or is somebody else's.
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
