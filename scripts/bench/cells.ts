/** Thousands of small cells: whether time stays linear and memory flat, and what a cell costs beyond its own work. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CellBlock } from "./cells-child.ts";
import { fileOf } from "./child.ts";
import { atMost, type Benchmark, type Comparison, compare, isMet, type Round, spread } from "./comparison.ts";
import { interleave } from "./rounds.ts";
import { savedRun } from "./saved-run.ts";
import { type TurnTaker, turnTaker } from "./turns.ts";

const warmUpCells = 500;
const blockCells = 250;
const blocks = 40;
const blocksAThousand = 1_000 / blockCells;
const seeds = (warmUpCells + blocks * blockCells) / 2;
/** Of the conversations that the floor plays again and again. */
const savedSeeds = 50;
const megabyte = 1_000_000;

export const cells: Benchmark = {
  id: "cells",
  title: "10,000 cells of slack-polling (polls=1), direct and code in equal parts, in one process",
  async run(say) {
    const folder = await mkdtemp(join(tmpdir(), "bench-cells-"));
    const saved = join(folder, "saved");
    const modes = ["--mode", "direct-tool-call,code-execution"];
    say("saving conversations for the floor");
    await savedRun(saved, "slack-polling", ...modes, "--param", "polls=1", "--seeds", `${savedSeeds}`);
    const child = (side: "run" | "floor", from: string) =>
      turnTaker(["--expose-gc", fileOf("cells-child.ts"), side, `${seeds}`, `${warmUpCells}`, `${blockCells}`, from]);
    const ours = child("run", folder);
    const byHand = child("floor", join(saved, "transcripts"));
    try {
      const atStart = await readBlock(ours);
      await readBlock(byHand);
      const played: CellBlock[] = [];
      const floors: CellBlock[] = [];
      const rounds = await interleave(
        blocks,
        async (block) => {
          say(`cell ${block * blockCells} of ${blocks * blockCells}`);
          return await playBlock(ours, played);
        },
        () => playBlock(byHand, floors),
      );
      ours.go();
      byHand.go();
      await Promise.all([ours.ended(), byHand.ended()]);
      const thousands = inThousands(played);
      const each = (round: Round): Round => ({ left: round.left / blockCells, right: round.right / blockCells });
      const processor = played.map((block, i) => each({ left: block.cpuMs, right: floors[i]?.cpuMs ?? Number.NaN }));
      return {
        comparisons: [
          linear(
            "processor time, last 3,000 cells to first",
            thousands.map(({ cpuMs }) => cpuMs),
            true,
          ),
          linear(
            "wall time, last 3,000 cells to first",
            thousands.map(({ wallMs }) => wallMs),
            false,
          ),
          linear(
            "wall time of the floor, last 3,000 cells to first",
            inThousands(floors).map(({ wallMs }) => wallMs),
            false,
          ),
          flat(thousands),
          compare("one cell beyond its floor", rounds.map(each), {
            figure: ({ left, right }) => left - right,
            figureUnit: "ms",
            target: atMost(1, "ms"),
          }),
          compare("one cell, wall time", rounds.map(each)),
          compare("one cell, processor time", processor),
        ],
        listings: [
          {
            title: "By blocks of 1,000 cells",
            head: ["cells", "wall time", "processor time", "resident memory"],
            rows: [
              ["after the warm-up", "", "", megabytes(atStart.residentBytes)],
              ...thousands.map(({ wallMs, cpuMs, residentBytes }, i) => [
                `${(i + 1) * 1_000}`,
                `${wallMs.toFixed(0)} ms`,
                `${cpuMs.toFixed(0)} ms`,
                megabytes(residentBytes),
              ]),
            ],
          },
        ],
        notes: [
          `Played by playRun into a temporary folder, one counter, after ${warmUpCells} cells of warm-up. Two processes take turns, ${blockCells} cells at a time, in alternating order: ${blocks} rounds.`,
          `The floor plays ${savedSeeds * 2} saved conversations again and again: fresh servers, raw SDK clients, the same calls, each program in the quickjs-inprocess backend, and every text counted with the bare tokenizer. It keeps nothing, and every result is held to the saved one. It is rough: the backend is ours, and nobody writes what the model says.`,
          "Linear: the last three blocks of 1,000 against the first three. It is judged on processor time, because on a shared machine wall time says more about the neighbours.",
          "Memory: resident after a forced collection, at 10,000 cells against 1,000; the target is 10 % or 30 MB, whichever is more.",
        ],
      };
    } finally {
      ours.stop();
      byHand.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function readBlock(child: TurnTaker): Promise<CellBlock> {
  return JSON.parse(await child.line());
}

async function playBlock(child: TurnTaker, into: CellBlock[]): Promise<number> {
  child.go();
  const block = await readBlock(child);
  into.push(block);
  return block.wallMs;
}

function inThousands(played: readonly CellBlock[]): CellBlock[] {
  const thousands: CellBlock[] = [];
  for (let at = 0; at < played.length; at += blocksAThousand) {
    const part = played.slice(at, at + blocksAThousand);
    const sum = (figure: (block: CellBlock) => number) => part.reduce((total, block) => total + figure(block), 0);
    thousands.push({
      wallMs: sum(({ wallMs }) => wallMs),
      cpuMs: sum(({ cpuMs }) => cpuMs),
      residentBytes: part.at(-1)?.residentBytes ?? Number.NaN,
    });
  }
  return thousands;
}

function linear(what: string, blockMs: readonly number[], judged: boolean): Comparison {
  const sum = (some: readonly number[]) => some.reduce((a, b) => a + b, 0);
  const rounds = [{ left: sum(blockMs.slice(-3)), right: sum(blockMs.slice(0, 3)) }];
  return compare(what, rounds, judged ? { target: atMost(1.15) } : {});
}

/** From 1,000 cells to 10,000. */
function flat(thousands: readonly CellBlock[]): Comparison {
  const first = thousands.at(0)?.residentBytes ?? Number.NaN;
  const last = thousands.at(-1)?.residentBytes ?? Number.NaN;
  const growth = (last - first) / megabyte;
  const target = atMost(Math.max(30, (first / megabyte) * 0.1), "MB");
  const side = (bytes: number) => ({ spread: spread([bytes / megabyte]), unit: "MB" as const });
  return {
    what: "memory at 10,000 cells beyond that at 1,000",
    left: side(last),
    right: side(first),
    figure: { spread: spread([growth]), unit: "MB" },
    target,
    met: isMet(growth, target),
  };
}

const megabytes = (bytes: number) => `${(bytes / megabyte).toFixed(1)} MB`;
