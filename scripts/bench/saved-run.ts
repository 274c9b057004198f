/** Conversations as the command saves them: the floors begin with what was said, and do not ask how it is played. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SavedTranscript } from "../../contract/index.ts";
import { fileOf, runChild } from "./child.ts";

export const counterId = "o200k_base";

/** Plays a selection into `folder`, which it makes, and gives every cell's conversations, by the names of their files. */
export async function savedRun(folder: string, ...selection: readonly string[]): Promise<readonly SavedTranscript[]> {
  const figures = ["--no-bounds", "--no-controls", "--tools", "own", "--counter", counterId, "--serialisation", "json"];
  const args = [fileOf("../../bench/bin.mjs"), "run", "--quiet", "--save-transcripts", "--out", folder, ...figures, ...selection];
  await runChild({ args }, { measureCpu: false });
  const saved = join(folder, "transcripts");
  return readdirSync(saved)
    .sort()
    .map((file) => JSON.parse(readFileSync(join(saved, file), "utf8")));
}
