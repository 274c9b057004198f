/**
 * A machine that was booted once, up to its first runner or to the moment before. Sessions start from it: its memory is in
 * a file, which each maps for itself and copies on writing, and the state of its devices in another.
 */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { getuid } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { boxFailure } from "../../host/runner/box.ts";
import { guestUser } from "../../host/runner/box-limits.ts";
import { type Ready, readyMessage, runnerChannel } from "../../host/runner/channel.ts";
import type { SessionFolder } from "../../host/session/session-folder.ts";
import type { FirstRunner } from "./engine.ts";
import type { Programs } from "./find.ts";
import {
  type Accelerator,
  controlLine,
  type Machine,
  type MachineSize,
  startMachine,
  stateSource,
  stateTarget,
} from "./machine.ts";
import { machineMonitor } from "./monitor.ts";
import { waitingLine } from "./supervisor.ts";

/** Milliseconds for the boot and for writing it down. */
const snapshotMs = 120_000;
const pollMs = 20;

export interface Snapshot {
  /** The runner's first message, which it sends once; `undefined`: it has no runner yet. */
  readonly ready: Ready | undefined;
  start(): Promise<Machine>;
  /** Machines that started from it must be gone. Never rejects. */
  remove(): Promise<void>;
}

export interface SnapshotOptions {
  readonly sandbox: string;
  readonly programs: Programs;
  readonly accelerator: Accelerator;
  readonly size: MachineSize;
  /** Holds the snapshot, which removes it; so does a failure. */
  readonly folder: SessionFolder;
  readonly kernel: number;
  readonly files: number;
  readonly firstRunner: FirstRunner;
}

/** Rejects with SANDBOX_UNAVAILABLE. */
export async function takeSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const { sandbox, programs, accelerator, size, folder, kernel, files, firstRunner } = options;
  const memoryFile = join(folder.path, "memory");
  const stateFile = join(folder.path, "state");
  const [memory, state] = [await machineFile(memoryFile), await machineFile(stateFile)];
  const start = { kind: "template", kernel, files, memory: memory.fd, state: state.fd } as const;
  const machine = startMachine(programs, accelerator, start, size);
  try {
    const waiting = new AbortController();
    const late = delay(snapshotMs, "", { signal: waiting.signal }).then(() => {
      throw boxFailure(sandbox, `its virtual machine did not boot in ${snapshotMs} ms`);
    });
    const gone = machine.ended.then((errorText) => {
      throw boxFailure(sandbox, `its virtual machine ended while it booted: ${errorText}`);
    });
    for (const failing of [late, gone]) failing.catch(() => undefined);
    const ready = await Promise.race([bootAndSave(machine, firstRunner), late, gone]).finally(() => waiting.abort());
    return {
      ready,
      async start() {
        // Read from its beginning by each: with a position of its own.
        const handles = [await open(memoryFile, "r"), await open(stateFile, "r")] as const;
        try {
          const [{ fd: memory }, { fd: state }] = handles;
          const machine = startMachine(programs, accelerator, { kind: "restore", memory, state }, size);
          // A refusal stands on stderr too, and ends the machine.
          void resume(machine).catch(() => machine.kill());
          return machine;
        } finally {
          await Promise.all(handles.map((handle) => handle.close()));
        }
      },
      remove: folder.remove,
    };
  } catch (error) {
    await folder.remove();
    throw error;
  } finally {
    machine.kill();
    await machine.ended;
    await Promise.all([memory.close(), state.close()]);
  }
}

/** A file that the machine's process may write. That process runs as nobody if this one is root. */
async function machineFile(path: string): Promise<FileHandle> {
  const file = await open(path, "wx+", 0o600);
  if (getuid?.() === 0) await file.chown(guestUser, guestUser);
  return file;
}

async function resume(machine: Machine): Promise<void> {
  const ask = await machineMonitor(machine);
  await ask("migrate-incoming", { uri: stateSource });
}

async function bootAndSave(machine: Machine, firstRunner: FirstRunner): Promise<Ready | undefined> {
  const ready = firstRunner === "with-machine" ? await readyMessage(runnerChannel(machine.runner, machine.runner)) : undefined;
  if (firstRunner === "with-session") await controlLine(machine, waitingLine);
  const ask = await machineMonitor(machine);
  await ask("migrate", { uri: stateTarget });
  for (;;) {
    const { status } = await ask("query-migrate");
    if (status === "completed") return ready;
    if (status === "failed") throw new Error("its state cannot be written");
    await delay(pollMs);
  }
}
