/**
 * One process at a time plays into a results folder. The lock is an empty file that names its owner, so the next process
 * recognises and removes what a killed one left.
 *
 * Each process makes only its own file and then looks for others; it removes only its own and those of owners that are
 * gone. So of two processes at least one always sees the other, and neither can take away the other's lock, as it could
 * if both replaced one stale file.
 */
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { BenchError } from "../../contract/index.ts";
import { ownerOf, ownerPid, ownerState } from "../../machine/owner.ts";
import { RUN_FILE } from "./files.ts";

const lockPrefix = "run.lock.";
/** Of a `run.json` that is being written; `record.ts` gives it its name. */
const draftPrefix = `${RUN_FILE}.`;
/** Of two that see each other, the one whose name comes later gives up at once; the other looks this many times. */
const attempts = 10;
const retryMs = 50;

export interface FolderLock {
  /** Idempotent. */
  release(): Promise<void>;
}

/**
 * Locks an existing folder for this process, and takes away the locks and drafts of processes that are gone.
 *
 * Rejects with FOLDER_IN_USE when another process, or this one, holds it, and with the operating system's error when the
 * folder cannot be written.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const own = `${lockPrefix}${ownerOf(pid)}`;
  const release = () => rm(join(folder, own), { force: true });
  for (let attempt = 1; ; attempt++) {
    await writeFile(join(folder, own), "", { flag: "wx" }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "EEXIST") throw inUse(folder, own);
      throw cause;
    });
    const [other] = await otherLocks(folder, own);
    if (other === undefined) return { release };
    await release();
    if (own > other || attempt === attempts) throw inUse(folder, other);
    await sleep(retryMs);
  }
}

async function otherLocks(folder: string, own: string): Promise<string[]> {
  const others: string[] = [];
  for (const name of await readdir(folder)) {
    const prefix = [lockPrefix, draftPrefix].find((start) => name.startsWith(start));
    if (prefix === undefined || name === own) continue;
    if (ownerState(name.slice(prefix.length)) === "gone") await rm(join(folder, name), { force: true });
    else if (prefix === lockPrefix) others.push(name);
  }
  return others.sort();
}

function inUse(folder: string, lock: string): BenchError {
  const tag = lock.slice(lockPrefix.length);
  const elsewhere = ownerState(tag) === "elsewhere";
  return new BenchError("FOLDER_IN_USE", {
    folder,
    owner: elsewhere ? "a process of another machine or container" : `process ${ownerPid(tag)}`,
    fix: elsewhere
      ? `Choose another folder with --out; or, if that process is gone, delete ${lock}.`
      : "Choose another folder with --out, or wait until it has ended.",
  });
}
