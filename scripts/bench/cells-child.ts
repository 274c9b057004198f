/**
 * One process that plays many small cells in blocks, by `playRun` or by hand. It stops after every block until it reads a
 * byte from its fourth stream, so that two of them can take turns: only one plays at a time.
 *
 * Arguments: `run` or `floor`, seeds (two cells each), cells to warm up with, cells a block, a folder. Prints a line of
 * JSON after the warm-up and after every block.
 */
import { readSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHost } from "../../bench/host.ts";
import { modeRegistry } from "../../bench/play/modes/registry.ts";
import { registries } from "../../bench/registries.ts";
import { plan } from "../../bench/run/plan.ts";
import { playRun } from "../../bench/run/run.ts";
import { runConfig } from "../../bench/run/run-config.ts";
import type { Mode, Scenario } from "../../contract/index.ts";
import { random } from "../../fixtures/random.ts";
import { bareTokenizer } from "./bare-tokenizers.ts";
import { floor } from "./floor.ts";

/** One line of its output. Zero times after the warm-up. */
export interface CellBlock {
  readonly wallMs: number;
  /** User and system time of the process with its threads. */
  readonly cpuMs: number;
  /** After a collection. */
  readonly residentBytes: number;
}

const [side = "", seeds, warmUp, blockCells, folder = ""] = process.argv.slice(2);
const config = runConfig({
  ...{ scenarios: ["slack-polling"], params: ["polls=1"], modes: ["direct-tool-call", "code-execution"], sandboxes: ["quickjs"] },
  ...{ counters: ["o200k_base"], serialisations: ["json"], tools: [null], seeds: Number(seeds), bounds: false, controls: false },
});

/** Not stdin: a worker thread makes that one non-blocking. */
const turnPipe = 3;
let blockStart = { wallMs: 0, cpu: process.cpuUsage() };
let counted = -Number(warmUp);

/** Collecting, reporting and waiting belong to no block. */
function boundary(): void {
  const cpu = process.cpuUsage(blockStart.cpu);
  const times =
    counted === 0
      ? { wallMs: 0, cpuMs: 0 }
      : { wallMs: performance.now() - blockStart.wallMs, cpuMs: (cpu.user + cpu.system) / 1000 };
  globalThis.gc?.();
  writeSync(1, `${JSON.stringify({ ...times, residentBytes: process.memoryUsage.rss() } satisfies CellBlock)}\n`);
  readSync(turnPipe, new Uint8Array(1));
  blockStart = { wallMs: performance.now(), cpu: process.cpuUsage() };
}

function cellEnded(): void {
  counted++;
  if (counted >= 0 && counted % Number(blockCells) === 0) boundary();
}

if (side === "run") await playRunCells();
else if (side === "floor") await playFloorCells();
else throw new TypeError(`Not a side: ${side}`);

async function playRunCells(): Promise<void> {
  await playRun({
    config,
    host: await createHost(),
    outDir: join(folder, `run-${process.pid}`),
    onEvent(event) {
      if (event.type !== "cell") return;
      if (event.record.status !== "passed") throw new Error(`A cell ended as ${event.record.status}.`);
      cellEnded();
    },
  });
}

async function playFloorCells(): Promise<void> {
  const scenarios = new Map<string, Scenario>();
  const modes = new Map<string, Mode>();
  for (const id of config.scenarios) scenarios.set(id, await registries.scenarios.load(id));
  for (const id of config.modes) modes.set(id, await modeRegistry.load(id));
  const cells = plan({
    config,
    scenarios: [...scenarios.values()],
    modes: [...modes.values()],
    sandboxes: config.sandboxes.map((id) => ({ id, control: false, languages: ["javascript"] as const })),
    models: ["scripted"],
    echo: undefined,
    shuffle: random(config.orderSeed, "cell order").shuffle,
  });
  const tokenizers = await Promise.all(config.counters.map(bareTokenizer));
  const host = { tmpDir: tmpdir(), nodePath: process.execPath };
  const byHand = await floor({ scenarios, modes, tokenizers, serialisations: config.serialisations, host });
  for (const key of cells) {
    await byHand.play(key);
    cellEnded();
  }
  await byHand.close();
}
