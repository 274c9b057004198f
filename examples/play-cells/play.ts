/** Plays the selection into a folder. Started again after it was interrupted, it plays what is missing. */
import { existsSync } from "node:fs";
import { createHost, openStore, play, prepare, readRun } from "mcp-code-bench";
import { selection } from "./selection.ts";

const folder = "results/cells";
const begun = existsSync(`${folder}/run.json`) ? await readRun(folder) : undefined;

const prepared = await prepare(begun?.config ?? selection, await createHost());
try {
  const store = await openStore(folder, prepared, begun);
  try {
    for await (const played of play(store.left, prepared)) {
      await store.append(played);
      const { key, status } = played.record;
      console.log(`${key.scenario} ${key.mode} seed ${key.seed}: ${status}`);
    }
  } finally {
    await store.close();
  }
} finally {
  await prepared.close();
}
