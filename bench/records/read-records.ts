/** Reads back what a run left on disk, long after it was written and not always by the version that wrote it. */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import {
  BenchError,
  type CellRecord,
  cellRecordSchema,
  RECORD_SCHEMA_VERSION,
  type RunInfo,
  runInfoSchema,
} from "../../contract/index.ts";
import { RECORDS_FILE, RUN_FILE } from "./files.ts";

/** Reads `run.json`. Rejects with RECORDS if it is missing or of another version. */
export async function readRun(folder: string): Promise<RunInfo> {
  const file = join(folder, RUN_FILE);
  const text = await readText(file);
  return parse(runInfoSchema, text, file, "Give the folder of a whole run");
}

/** Records as read back, and what was wrong with them. */
export interface ReadRecords {
  readonly records: readonly CellRecord[];
  readonly notes: readonly string[];
}

/**
 * Reads `records.jsonl`. A last line without its line feed is what a killed process leaves: it is left out, and a note
 * says so. Rejects with RECORDS, naming the line, if any other line is broken or of another schema version.
 */
export async function readRecords(folder: string): Promise<ReadRecords> {
  const records: CellRecord[] = [];
  const { lines, torn } = await eachRecord(folder, cellRecordSchema, (record) => records.push(record));
  const notes = torn
    ? [`The last line of ${RECORDS_FILE} (line ${lines + 1}) is incomplete and was left out: the run was cut short.`]
    : [];
  return { records, notes };
}

/**
 * Yields one record after the other, so that memory does not grow with their number. `schema` may be any part of a
 * record that names its `schemaVersion`. Rejects as `readRecords` does.
 *
 * @returns how many whole lines there are, and whether a piece of one follows
 */
export async function eachRecord<T>(
  folder: string,
  schema: z.ZodType<T>,
  visit: (record: T) => void,
): Promise<{ readonly lines: number; readonly torn: boolean }> {
  const file = join(folder, RECORDS_FILE);
  let lines = 0;
  try {
    const torn = await eachLine(file, (line) => {
      lines++;
      visit(parse(schema, line, `${file}, line ${lines}`, "Restore the file, or delete that line to do without its cell"));
    });
    return { lines, torn };
  } catch (cause) {
    throw cause instanceof BenchError ? cause : readError(file, cause);
  }
}

const chunkBytes = 2 ** 18;
const lineFeed = 0x0a;

/** Visits every whole line, decoded with its neighbours at once. Returns whether a piece of one follows. */
async function eachLine(file: string, visit: (line: string) => void): Promise<boolean> {
  const handle = await open(file);
  try {
    let buffer = Buffer.allocUnsafe(chunkBytes);
    let held = 0;
    for (;;) {
      if (held === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      const { bytesRead } = await handle.read(buffer, held, buffer.length - held);
      if (bytesRead === 0) return held > 0;
      const end = held + bytesRead;
      const last = buffer.lastIndexOf(lineFeed, end - 1);
      if (last >= 0) for (const line of buffer.toString("utf8", 0, last).split("\n")) visit(line);
      buffer.copy(buffer, 0, last + 1, end);
      held = end - last - 1;
    }
  } finally {
    await handle.close();
  }
}

/** By the schema version, the newest release that reads it. */
const readers: readonly { readonly upTo: number; readonly release: string }[] = [{ upTo: 3, release: "0.1" }];

function readerOf(version: number): string {
  const reader = version > RECORD_SCHEMA_VERSION ? undefined : readers.find(({ upTo }) => version <= upTo);
  return reader === undefined
    ? "Read it with a newer mcp-code-bench"
    : `Read it with mcp-code-bench ${reader.release}, which wrote it`;
}

function parse<T>(schema: z.ZodType<T>, text: string, file: string, fix: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new BenchError("RECORDS", { file, problem: "not valid JSON", fix: `${fix}.` }, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const version = z.looseObject({ schemaVersion: z.unknown() }).safeParse(json).data?.schemaVersion;
  if (typeof version === "number" && version !== RECORD_SCHEMA_VERSION) {
    throw new BenchError("RECORDS", {
      file,
      problem: `schema version ${version}, and this program reads version ${RECORD_SCHEMA_VERSION}`,
      fix: `${readerOf(version)}, or play the run again.`,
    });
  }
  const issue = result.error.issues[0];
  const problem = issue === undefined ? "not as expected" : `${issue.path.join(".") || "the whole"}: ${issue.message}`;
  throw new BenchError("RECORDS", { file, problem, fix: `${fix}.` });
}

async function readText(file: string): Promise<string> {
  return await readFile(file, "utf8").catch((cause: unknown) => {
    throw readError(file, cause);
  });
}

function readError(file: string, cause: unknown): unknown {
  const code = errorCode(cause);
  if (code === undefined) return cause;
  const problem = code === "ENOENT" ? "not found" : `cannot be read (${code})`;
  return new BenchError("RECORDS", { file, problem, fix: "Give the folder that a run wrote." }, { cause });
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
