/** What a run leaves on disk, and how it is read back: `run.json`, and `records.jsonl` with one line a cell. */
import { closeSync, openSync, writeSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { cellRecord, RECORD_SCHEMA_VERSION, runInfo } from "./record-schema.ts";
import { BenchError, type CellRecord, type RunInfo } from "./types/index.ts";

export { RECORD_SCHEMA_VERSION };

export const RUN_FILE = "run.json";
export const RECORDS_FILE = "records.jsonl";

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

/**
 * Claims `folder` for one run: makes it if it is missing and writes `run.json`.
 *
 * Rejects with OUTPUT_FOLDER if it cannot be written or holds a run already. The file is created exclusively, so of two
 * runs that start in one folder at once the second fails.
 */
export async function createRun(folder: string, run: RunInfo): Promise<void> {
  try {
    await makeFolder(folder);
    await writeFile(join(folder, RUN_FILE), `${JSON.stringify(run, null, 2)}\n`, { flag: "wx" });
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

/** Creates `records.jsonl` in an existing folder. Rejects with OUTPUT_FOLDER if it is there already or cannot be written. */
export async function openRecords(folder: string): Promise<RecordWriter> {
  let file: number;
  try {
    file = openSync(join(folder, RECORDS_FILE), "ax");
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
        throw outputError(folder, RECORDS_FILE, cause);
      }
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** Reads `run.json`. Rejects with RECORDS if there is none, or it is not one of this version. */
export async function readRun(folder: string): Promise<RunInfo> {
  const file = join(folder, RUN_FILE);
  const text = await readText(file);
  return parse(runInfo, text, file, "Give the folder of a whole run");
}

/** Records as read back, and what was not as it should be. */
export interface ReadRecords {
  readonly records: readonly CellRecord[];
  readonly notes: readonly string[];
}

/**
 * Reads `records.jsonl`. A last line without its line feed is what a killed process leaves: it is left out, and a note
 * says so. Rejects with RECORDS, naming the line, if any other line is broken or of another schema version.
 */
export async function readRecords(folder: string): Promise<ReadRecords> {
  const file = join(folder, RECORDS_FILE);
  const lines = (await readText(file)).split("\n");
  const torn = lines.pop() ?? "";
  const records = lines.map((line, i) =>
    parse(cellRecord, line, `${file}, line ${i + 1}`, "Restore the file, or delete that line to do without its cell"),
  );
  const notes =
    torn === ""
      ? []
      : [`The last line of ${RECORDS_FILE} (line ${lines.length + 1}) is incomplete and was left out: the run was cut short.`];
  return { records, notes };
}

function parse<T>(schema: z.ZodType<T>, text: string, file: string, fix: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new BenchError("RECORDS", { file, problem: "not valid JSON", fix: `${fix}.` }, { cause });
  }
  const version = z.looseObject({ schemaVersion: z.unknown() }).safeParse(json).data?.schemaVersion;
  if (typeof version === "number" && version !== RECORD_SCHEMA_VERSION) {
    throw new BenchError("RECORDS", {
      file,
      problem: `schema version ${version}, and this program reads version ${RECORD_SCHEMA_VERSION}`,
      fix: "Use the version of mcp-code-bench that wrote it, or play the run again.",
    });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const problem = issue === undefined ? "not as expected" : `${issue.path.join(".") || "the whole"}: ${issue.message}`;
  throw new BenchError("RECORDS", { file, problem, fix: `${fix}.` });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const problem = errorCode(cause) === "ENOENT" ? "not found" : `cannot be read (${errorCode(cause)})`;
    throw new BenchError("RECORDS", { file, problem, fix: "Give the folder that a run wrote." }, { cause });
  }
}

function outputError(folder: string, file: string, cause: unknown): BenchError {
  const code = errorCode(cause);
  const problem = code === "EEXIST" ? `it holds a run already (${file})` : `${file} cannot be written (${code ?? String(cause)})`;
  return new BenchError("OUTPUT_FOLDER", { folder, problem }, { cause });
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
