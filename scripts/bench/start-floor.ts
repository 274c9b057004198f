/**
 * One process that does the default run's work by hand.
 *
 * Arguments: a JSON file of a `FloorWork`, and optionally the folder of a run with its transcripts,
 * which every text and token count is then compared with.
 */
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { modeRegistry } from "../../bench/play/modes/registry.ts";
import { loadCounter } from "../../bench/tokens/counters/registry.ts";
import type { CellKey, CellRecord, Mode, Scenario, Serialisation } from "../../contract/index.ts";
import { scenarioRegistry } from "../../scenarios/registry.ts";
import { bareTokenizer } from "./bare-tokenizers.ts";
import { floor } from "./floor.ts";

export interface FloorWork {
  readonly counters: readonly string[];
  readonly serialisations: readonly Serialisation[];
  readonly keys: readonly CellKey[];
  /** `own`: this project's counters, which leaves the tokenizers' speed out of a comparison. */
  readonly tokenizers: "bare" | "own";
}

const [workFile = "", folder] = process.argv.slice(2);
const { counters, serialisations, keys, tokenizers: kind }: FloorWork = JSON.parse(await readFile(workFile, "utf8"));
const scenarios = new Map<string, Scenario>();
const modes = new Map<string, Mode>();
for (const id of new Set(keys.map(({ scenario }) => scenario))) scenarios.set(id, await scenarioRegistry.load(id));
for (const id of new Set(keys.map(({ mode }) => mode))) modes.set(id, await modeRegistry.load(id));
const host = { tmpDir: tmpdir(), nodePath: process.execPath };
const tokenizers = await Promise.all(counters.map(kind === "bare" ? bareTokenizer : async (id) => (await loadCounter(id)).count));
const byHand = await floor({ scenarios, modes, tokenizers, serialisations, host });
if (folder === undefined) for (const key of keys) await byHand.play(key);
else await check(folder);
await byHand.close();

async function check(folder: string): Promise<void> {
  const { checkFloorCell } = await import("./floor-check.ts");
  const lines = (await readFile(`${folder}/records.jsonl`, "utf8")).trim().split("\n");
  const records = new Map(
    lines.map((line): CellRecord => JSON.parse(line)).map((record) => [JSON.stringify(record.key), record]),
  );
  for (const key of keys) {
    const record = records.get(JSON.stringify(key));
    if (record === undefined) throw new Error(`No record for ${JSON.stringify(key)}.`);
    await checkFloorCell(folder, record, await byHand.play(key), counters, serialisations);
  }
}
