/**
 * One process that plays many small cells in blocks, by `playRun` or as the floor. It stops after every block until it reads a
 * byte from its fourth stream, so that two of them can take turns: only one plays at a time.
 *
 * Arguments: `run` or `floor`, seeds (two cells each), cells to warm up with, cells a block, and a folder: of `run`,
 * for its results; of `floor`, with saved conversations. Prints a line of
 * JSON after the warm-up and after every block.
 */
import { readdirSync, readFileSync, readSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHost } from "../../bench/host.ts";
import { playRun } from "../../bench/run/run.ts";
import { runConfig } from "../../bench/run/settings.ts";
import type { SavedTranscript } from "../../contract/index.ts";
import { replayer } from "./replay.ts";
import { counterId } from "./saved-run.ts";

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
  ...{ counters: [counterId], serialisations: ["json"], tools: [null], seeds: Number(seeds), bounds: false, controls: false },
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

/** The saved conversations of `folder`, again and again, as many as the other side plays cells. */
async function playFloorCells(): Promise<void> {
  const tmpDir = tmpdir();
  const now = () => performance.now();
  const floor = await replayer({ env: process.env, platform: process.platform, now, tmpDir, nodePath: process.execPath });
  const saved = readdirSync(folder).map((file): SavedTranscript => JSON.parse(readFileSync(join(folder, file), "utf8")));
  for (let cell = 0; cell < 2 * Number(seeds); cell++) {
    const conversation = saved[cell % saved.length];
    if (conversation === undefined) throw new TypeError(`No conversation in ${folder}.`);
    await floor.replay(conversation);
    cellEnded();
  }
  await floor.close();
}
