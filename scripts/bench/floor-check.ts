/** Shows that the floor does the run's work: every text of every conversation alike, and every token count. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cellId } from "../../bench/records/cell-id.ts";
import { blockText } from "../../bench/tokens/ledger/blocks.ts";
import type { CellRecord, SavedTranscript, Serialisation } from "../../contract/index.ts";
import type { FloorCell } from "./floor.ts";

/** `folder` holds a run with its transcripts. Throws at the first difference. */
export async function checkFloorCell(
  folder: string,
  record: CellRecord,
  played: FloorCell,
  counters: readonly string[],
  serialisations: readonly Serialisation[],
): Promise<void> {
  const name = cellId(record.key);
  const saved: SavedTranscript = JSON.parse(await readFile(join(folder, "transcripts", `${name}.json`), "utf8"));
  const transcript = saved.episodes[0]?.contexts[0]?.transcript;
  if (transcript === undefined) throw new Error(`${name} holds no conversation.`);
  for (const [s, serialisation] of serialisations.entries()) {
    const expected = [
      ...transcript.tools.map((tool) => JSON.stringify(tool)),
      ...transcript.system.map(({ text }) => text),
      ...transcript.messages.flatMap(({ content }) => content.map((block) => blockText(block, serialisation))),
    ];
    const actual = played.texts[s] ?? [];
    const at = expected.findIndex((text, i) => text !== actual[i]);
    if (at >= 0 || actual.length !== expected.length) {
      const [theirs = "", ours = ""] = [expected[at], actual[at]];
      throw new Error(
        `${name}: text ${at} of ${expected.length} differs on the floor (${actual.length} texts).\n${theirs.slice(0, 500)}\n---\n${ours.slice(0, 500)}`,
      );
    }
    for (const [c, counter] of counters.entries()) {
      const ledger =
        "ledgers" in record ? record.ledgers.find((l) => l.counter === counter && l.serialisation === serialisation) : undefined;
      const tokens = played.tokens[s]?.[c];
      const unframed = ledger === undefined ? undefined : ledger.totals.peakContext - (ledger.framingTokens ?? 0);
      // A context only grows here, so its peak is every block once.
      if (tokens !== unframed) {
        throw new Error(`${name}: the floor counts ${tokens} ${counter} ${serialisation} tokens, the run ${unframed}.`);
      }
    }
  }
}
