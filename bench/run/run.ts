/** A whole run into a folder: prepare, play, store. */
import type { PlayRun } from "../../contract/index.ts";
import { play } from "./play-jobs.ts";
import { prepare } from "./prepare.ts";
import { openStore } from "./store.ts";

/**
 * Rejects with a `BenchError` only before the first cell: what `prepare` and `openStore` refuse. After that a failure is
 * a record, or OUTPUT_FOLDER where nothing more can be written: what was played is kept and can be resumed. Everything
 * that was started is closed, whatever happens.
 */
export const playRun: PlayRun = async ({ config, host, outDir, resume, onEvent }) => {
  const prepared = await prepare(config, host);
  try {
    const store = await openStore(outDir, prepared, resume);
    const total = prepared.jobs.length;
    let done = total - store.left.length;
    try {
      onEvent({ type: "planned", run: store.run, kept: done });
      for await (const played of play(store.left, prepared)) {
        await store.append(played);
        onEvent({ type: "cell", record: played.record, key: played.job.key, done: ++done, total });
      }
    } finally {
      await store.close();
    }
    return { run: store.run, playedCells: done, interrupted: done < total };
  } finally {
    await prepared.close();
  }
};
