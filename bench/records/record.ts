/** Writes what a run leaves on disk: `run.json`, and `records.jsonl` with one line a cell. `read-records.ts` reads it back. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { link, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pid } from "node:process";
import { BenchError, type CellRecord, type RunInfo } from "../../contract/index.ts";
import { ownerOf } from "../../machine/owner.ts";
import { RECORDS_FILE, RUN_FILE } from "./files.ts";

/** Appends records. Whoever opened it closes it. */
export interface RecordWriter {
  /**
   * Puts one line at the end of the file and returns when the operating system has it, so a killed process loses no
   * finished cell. It is not forced to the disk: a power cut may lose the last ones. Throws OUTPUT_FOLDER, e.g. on a
   * full disk.
   */
  append(record: CellRecord): void;
  /** Idempotent. */
  close(): void;
}

/** What file systems without hard links say, e.g. exFAT. */
const withoutLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** Makes `folder` if it is missing. Rejects with OUTPUT_FOLDER if that cannot be. */
export async function makeRunFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw outputError(folder, RUN_FILE, cause);
  });
}

/**
 * Claims `folder` for one run: makes it if it is missing and writes `run.json`, whole or not at all.
 *
 * Rejects with OUTPUT_FOLDER if it cannot be written or holds a run already. The file is created exclusively, so of two
 * runs that start in one folder at once the second fails.
 */
export async function createRun(folder: string, run: RunInfo): Promise<void> {
  const file = join(folder, RUN_FILE);
  const draft = `${file}.${ownerOf(pid)}`;
  const text = `${JSON.stringify(run, null, 2)}\n`;
  try {
    await makeFolder(folder);
    await writeFile(draft, text, { flag: "wx", flush: true });
    // Unlike a rename, a link does not replace what is there.
    await link(draft, file)
      .catch((cause: unknown) => {
        if (!withoutLinks.has(errorCode(cause) ?? "")) throw cause;
        return writeFile(file, text, { flag: "wx", flush: true });
      })
      .finally(() => rm(draft, { force: true }));
  } catch (cause) {
    throw outputError(folder, RUN_FILE, cause);
  }
}

/**
 * Makes a folder and its parents. Not `mkdir` with `recursive`: where the system calls a folder's own parent missing, as
 * below /proc, Node 24 repeats that for ever.
 */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "EEXIST" && (await stat(folder)).isDirectory()) return;
    if (code !== "ENOENT" || dirname(folder) === folder) throw cause;
    await makeFolder(dirname(folder));
    // Another run may have made it meanwhile.
    await mkdir(folder).catch((again: unknown) => {
      if (errorCode(again) !== "EEXIST") throw again;
    });
  }
}

/**
 * Opens `records.jsonl` in an existing folder: `new` creates it; `continued` also takes one that is there, and cuts off
 * a last line without its line feed, which is what a killed process leaves of a record.
 *
 * Rejects with OUTPUT_FOLDER if a `new` one is there already, or it cannot be written.
 */
export async function openRecords(folder: string, start: "new" | "continued" = "new"): Promise<RecordWriter> {
  let file: number;
  try {
    file = openSync(join(folder, RECORDS_FILE), start === "new" ? "ax" : "a+");
    if (start === "continued") cutTornLine(file);
  } catch (cause) {
    throw outputError(folder, RECORDS_FILE, cause);
  }
  let open = true;
  return {
    append(record) {
      // One write call for a line; the loop is for a write that a full disk or a signal cut short.
      let rest = Buffer.from(`${JSON.stringify(record)}\n`);
      try {
        while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
      } catch (cause) {
        throw outputError(folder, RECORDS_FILE, cause, "played");
      }
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** Cuts everything behind the last line feed. */
function cutTornLine(file: number): void {
  const block = Buffer.alloc(64 * 1024);
  let end = fstatSync(file).size;
  while (end > 0) {
    const from = Math.max(0, end - block.length);
    const read = readSync(file, block, 0, end - from, from);
    const lineFeed = block.subarray(0, read).lastIndexOf(0x0a);
    if (lineFeed !== -1) {
      ftruncateSync(file, from + lineFeed + 1);
      return;
    }
    end = from;
  }
  ftruncateSync(file, 0);
}

/**
 * Writes a file of a run that is under way, whole or not at all, and makes its folder below `folder` if it is missing.
 * Rejects with OUTPUT_FOLDER, e.g. on a full disk.
 */
export async function writeRunFile(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name);
  try {
    await makeFolder(dirname(file));
    await writeWhole(file, text);
  } catch (cause) {
    throw outputError(folder, name, cause, "played");
  }
}

/** Writes a file beside others so that it is there whole or not at all. The name of its draft ends in `.tmp`. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.tmp`;
  try {
    await writeFile(draft, text);
    await rename(draft, file);
  } catch (cause) {
    // On a full disk the draft takes room that is needed. If it cannot be removed, the first error still counts.
    await rm(draft, { force: true }).catch(() => undefined);
    throw cause;
  }
}

/** What the system calls a disk, or a user's share of it, that is full. */
const full: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT"]);

/** `played`: cells may have been played, and another folder would lose them. */
function outputError(folder: string, file: string, cause: unknown, when: "new" | "played" = "new"): BenchError {
  const code = errorCode(cause);
  const isTaken = when === "new" && code === "EEXIST";
  const problem = isTaken ? `it holds a run already (${file})` : `${file} cannot be written (${code ?? String(cause)})`;
  const mend = full.has(code) ? "Make room on its disk" : "Make it writable";
  const resume = `${mend}, then play the rest: mcp-code-bench run --resume ${folder}`;
  return new BenchError("OUTPUT_FOLDER", { folder, problem, ...(when === "new" ? {} : { fix: resume }) }, { cause });
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
