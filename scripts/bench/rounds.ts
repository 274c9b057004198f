/** Interleaved rounds: both sides in every round, in alternating order, so that a busy machine slows both alike. */
import { Bench } from "tinybench";
import type { Round } from "./comparison.ts";

type Side = (round: number) => Promise<number>;

/** Plays `count` rounds; each side returns what it measured. */
export async function interleave(count: number, left: Side, right: Side): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < count; round++) {
    if (round % 2 === 0) {
      const first = await left(round);
      rounds.push({ left: first, right: await right(round) });
    } else {
      const first = await right(round);
      rounds.push({ left: await left(round), right: first });
    }
  }
  return rounds;
}

export interface MicroOptions {
  readonly rounds: number;
  /** Milliseconds for each side in each round. */
  readonly timeMs: number;
  /** Fewest calls of each side in each round. */
  readonly iterations: number;
}

type Work = () => unknown;

/** In-process work: a short Bench a round with both tasks. Each figure is the round's median call, in milliseconds. */
export async function microRounds(left: Work, right: Work, { rounds, timeMs, iterations }: MicroOptions): Promise<Round[]> {
  const played: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ time: timeMs, iterations, warmupTime: timeMs / 4, warmupIterations: 2, throws: true });
    const tasks = [["left", left] as const, ["right", right] as const];
    for (const [name, work] of round % 2 === 0 ? tasks : tasks.reverse()) bench.add(name, async () => void (await work()));
    await bench.run();
    played.push({ left: medianMs(bench, "left"), right: medianMs(bench, "right") });
  }
  return played;
}

function medianMs(bench: Bench, name: string): number {
  const result = bench.getTask(name)?.result;
  if (result?.state !== "completed") throw new TypeError(`The task ${name} did not complete.`);
  return result.latency.p50;
}
