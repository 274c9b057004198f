/**
 * The memory of an interpreter that has started and loaded the runner. Every session starts from it: starting an
 * interpreter takes seconds, reading its memory a fraction of one. It is made before any program is there.
 */
import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ownerEnvironment } from "../../../machine/orphans.ts";
import { boxFailure } from "../../host/runner/box.ts";
import { type SessionFolder, sessionFolder } from "../../host/session/session-folder.ts";

/** What starts the process that writes the memory to its standard output. */
type SnapshotCommand = readonly [program: string, ...args: string[]];

export interface MemorySnapshot {
  /** Absolute path of the file, which is made once. Rejects with SANDBOX_UNAVAILABLE. */
  file(): Promise<string>;
  /** Removes it; sessions that are starting from it must be closed. Never rejects. */
  dispose(): Promise<void>;
}

export function memorySnapshot(tmpDir: string, sandbox: string, command: SnapshotCommand): MemorySnapshot {
  let folder: Promise<SessionFolder> | undefined;
  const fileIn = ({ path }: SessionFolder) => join(path, "snapshot");

  async function make(): Promise<SessionFolder> {
    const made = await sessionFolder(tmpDir, sandbox);
    try {
      const file = await open(fileIn(made), "w", 0o600);
      await write(sandbox, command, file.fd).finally(() => file.close());
      return made;
    } catch (error) {
      await made.remove();
      throw error;
    }
  }
  return {
    async file() {
      if (folder === undefined) {
        const making = make();
        folder = making;
        // A disk that was full may have room the next time.
        making.catch(() => {
          if (folder === making) folder = undefined;
        });
      }
      return fileIn(await folder);
    },
    async dispose() {
      const made = folder;
      folder = undefined;
      await made?.then(({ remove }) => remove()).catch(() => undefined);
    },
  };
}

async function write(sandbox: string, [program, ...args]: SnapshotCommand, file: number): Promise<void> {
  const child = spawn(program, args, { env: { TZ: "UTC", ...ownerEnvironment() }, stdio: ["ignore", file, "pipe"] });
  const ended = new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(String(code ?? signal)));
  });
  try {
    const [end, errors] = await Promise.all([ended, child.stderr === null ? "" : text(child.stderr)]);
    if (end !== "0") throw new Error(`it ended with ${end}: ${errors.slice(-1_000)}`);
  } catch (cause) {
    throw boxFailure(sandbox, `its interpreter cannot be started: ${(cause as Error).message}`, cause);
  }
}
