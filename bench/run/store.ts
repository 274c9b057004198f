/** A run's folder: one process at a time plays into it, each record is in it when its cell ends, and it can be resumed. */
import type { Job, RunInfo } from "../../contract/index.ts";
import { cellId } from "../records/cell-id.ts";
import { lockFolder } from "../records/folder-lock.ts";
import { createRun, makeRunFolder, openRecords, type RecordWriter, writeRunFile } from "../records/record.ts";
import { LEDGER_VERSION } from "../tokens/ledger/ledger.ts";
import type { PlayedJob } from "./play-jobs.ts";
import { checkSameRun, keptCells } from "./resume.ts";

/** Whoever opened it closes it. */
export interface Store {
  /** As in `run.json`. */
  readonly run: RunInfo;
  /** The jobs that have no record here yet, in their order. */
  readonly left: readonly Job[];
  /**
   * Resolves when the operating system has the record, so a killed process loses no finished cell. Where the run saves
   * conversations, that of this job is written before. Rejects with OUTPUT_FOLDER, e.g. on a full disk.
   */
  append(played: PlayedJob): Promise<void>;
  /** Lets go of the folder. Idempotent. */
  close(): Promise<void>;
}

/**
 * Locks `folder`, made if it is missing, and makes it this run's; or, with `resume`, takes up the run that is in it.
 *
 * Rejects with OUTPUT_FOLDER when it cannot be written or holds a run already, with FOLDER_IN_USE, and with RESUME when
 * what is there is not this run's.
 *
 * @param resume what the folder's `run.json` holds; absent: a new run
 */
export async function openStore(
  folder: string,
  { run: now, jobs }: { readonly run: RunInfo; readonly jobs: readonly Job[] },
  resume?: RunInfo,
): Promise<Store> {
  if (resume !== undefined) checkSameRun(folder, resume, now);
  else await makeRunFolder(folder);
  const run = resume ?? now;
  const lock = await lockFolder(folder);
  let records: RecordWriter | undefined;
  const close = async () => {
    records?.close();
    await lock.release();
  };
  try {
    if (resume === undefined) await createRun(folder, run);
    const writer = await openRecords(folder, resume === undefined ? "new" : "continued");
    records = writer;
    const kept =
      resume === undefined
        ? new Set<string>()
        : await keptCells(
            folder,
            jobs.map(({ key }) => key),
            LEDGER_VERSION,
          );
    return {
      run,
      left: kept.size === 0 ? jobs : jobs.filter(({ key }) => !kept.has(cellId(key))),
      async append({ job: { key }, record, saved }) {
        // The record comes last: a cell that has one is not played again.
        if (run.config.saveTranscripts && saved !== undefined) {
          await writeRunFile(folder, `transcripts/${cellId(key)}.json`, JSON.stringify(saved));
        }
        writer.append(record);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
