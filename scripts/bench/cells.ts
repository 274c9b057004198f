/** Thousands of small cells: whether time stays linear and memory flat, and what a cell costs beyond its own work. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CellBlocks } from "./cells-child.ts";
import { fileOf, runChild } from "./child.ts";
import { atMost, type Benchmark, type Comparison, compare, isMet, spread } from "./comparison.ts";
import { interleave } from "./rounds.ts";

const long = { seeds: 5_250, warmUp: 500, blockCells: 1_000 };
const short = { seeds: 750, warmUp: 500, blockCells: 1_000 };
const shortRounds = 5;
const megabyte = 1_000_000;

export const cells: Benchmark = {
  id: "cells",
  title: "10,000 cells of slack-polling (polls=1), direct and code in equal parts, in one process",
  async run(say) {
    const folder = await mkdtemp(join(tmpdir(), "bench-cells-"));
    const play = async (side: "run" | "floor", { seeds, warmUp, blockCells }: typeof long): Promise<CellBlocks> => {
      const args = ["--expose-gc", fileOf("cells-child.ts"), side, `${seeds}`, `${warmUp}`, `${blockCells}`, folder];
      return JSON.parse((await runChild({ args }, { measureCpu: false })).stdout);
    };
    try {
      say("10,500 cells in a row");
      const { blockMs, residentBytes } = await play("run", long);
      const perCell = async (side: "run" | "floor", round: number) => {
        say(`round ${round + 1} of ${shortRounds}: ${side}`);
        return ((await play(side, short)).blockMs[0] ?? Number.NaN) / short.blockCells;
      };
      const rounds = await interleave(
        shortRounds,
        (round) => perCell("run", round),
        (round) => perCell("floor", round),
      );
      return {
        comparisons: [
          linear(blockMs),
          flat(residentBytes),
          compare("one cell beyond the same by hand", rounds, {
            figure: ({ left, right }) => left - right,
            figureUnit: "ms",
            target: atMost(1, "ms"),
          }),
          compare("one cell, ratio", rounds),
        ],
        listings: [
          {
            title: "By blocks of 1,000 cells",
            head: ["cells", "time", "memory after it"],
            rows: blockMs.map((ms, block) => [
              `${(block + 1) * long.blockCells}`,
              `${ms.toFixed(0)} ms`,
              `${((residentBytes[block + 1] ?? Number.NaN) / megabyte).toFixed(1)} MB`,
            ]),
          },
        ],
        notes: [
          `Played by playRun into a temporary folder, one counter, after ${long.warmUp} cells of warm-up. Time: the last three blocks ("ours") against the first three. Memory: resident after a forced collection, at 10,000 against 1,000 cells; the target is 10 % or 30 MB, whichever is more.`,
          `The floor is that of "start". ${shortRounds} interleaved rounds, each side in a process of its own: the 1,000 cells after the first ${short.warmUp}.`,
        ],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function linear(blockMs: readonly number[]): Comparison {
  const sum = (blocks: readonly number[]) => blocks.reduce((a, b) => a + b, 0);
  const rounds = [{ left: sum(blockMs.slice(-3)), right: sum(blockMs.slice(0, 3)) }];
  return compare("time of the last 3,000 cells to the first", rounds, { target: atMost(1.15) });
}

/** From 1,000 cells to 10,000. */
function flat(residentBytes: readonly number[]): Comparison {
  const [, first = Number.NaN] = residentBytes;
  const growth = ((residentBytes.at(-1) ?? Number.NaN) - first) / megabyte;
  const target = atMost(Math.max(30, (first / megabyte) * 0.1), "MB");
  const side = (bytes: number) => ({ spread: spread([bytes / megabyte]), unit: "MB" as const });
  return {
    what: "memory growth from 1,000 to 10,000 cells",
    left: side(first + growth * megabyte),
    right: side(first),
    figure: { spread: spread([growth]), unit: "MB" },
    target,
    met: isMet(growth, target),
  };
}
