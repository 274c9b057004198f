/** `npm start` against its floor: the same conversations and counts by hand, process against process. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CellRecord, RunInfo } from "../../contract/index.ts";
import { type Child, fileOf, runChild } from "./child.ts";
import { atMost, type Benchmark, compare, type Round } from "./comparison.ts";
import { interleave } from "./rounds.ts";
import type { FloorWork } from "./start-floor.ts";

const rounds = 4;
const ownRounds = 3;
const realServer = "csv-summary-real";

export const start: Benchmark = {
  id: "start",
  title: "The whole of npm start against the same work by hand",
  async run(say) {
    const folder = await mkdtemp(join(tmpdir(), "bench-start-"));
    try {
      const env = { NODE_COMPILE_CACHE: join(folder, "compile-cache") };
      const ours = (outDir: string, ...flags: string[]) => ({
        args: [fileOf("../../bench/bin.mjs"), "run", "--quiet", "--no-bounds", "--out", outDir, ...flags],
        env,
      });
      const checked = join(folder, "checked");
      say("playing the default run once, with transcripts");
      await runChild(ours(checked, "--save-transcripts"), { measureCpu: false });
      const workFile = join(folder, "work.json");
      const work = await workOf(checked);
      await writeFile(workFile, JSON.stringify(work));
      const byHand = { args: [fileOf("start-floor.ts"), workFile], env };
      say("comparing every text and count of the floor with it");
      await runChild({ ...byHand, args: [...byHand.args, checked] }, { measureCpu: false });
      await rm(checked, { recursive: true });

      const wall = await timed(
        rounds,
        say,
        (round) => ours(join(folder, `round-${round}`)),
        () => byHand,
      );
      // The published filesystem server takes a new process for each of its cells, on both sides alike.
      const inMemory = work.keys.filter(({ scenario }) => scenario !== realServer);
      const ownWork = join(folder, "own-work.json");
      await writeFile(ownWork, JSON.stringify({ ...work, keys: inMemory, tokenizers: "own" } satisfies FloorWork));
      const own = await timed(
        ownRounds,
        say,
        (round) => ours(join(folder, `own-round-${round}`), "--scenario", `!${realServer}`),
        () => ({ ...byHand, args: [fileOf("start-floor.ts"), ownWork] }),
      );
      return {
        comparisons: [
          compare(`${work.keys.length} cells: wall time`, wall.walls, { target: atMost(1.5) }),
          compare(`${work.keys.length} cells: processor time`, wall.processor),
          compare(`${inMemory.length} cells, in-memory servers, our counters on both sides: wall time`, own.walls),
          compare(`${inMemory.length} cells, in-memory servers, our counters on both sides: processor time`, own.processor),
        ],
        notes: [
          `Both sides are whole processes with a warm compile cache, ${rounds} interleaved rounds. Ours writes records and reports; the floor keeps nothing.`,
          "The floor by hand, for each cell: the scenario's fresh servers, raw SDK clients (connect, tools/list, the same calls, results not validated), each program on quickjs-wasi on the main thread (engine compiled once, one VM a program, same extensions, no limits), wrapper files written only where a program reads them. The harness is below this floor where it puts an instance's memory back instead of making one for each program. Then each distinct text tokenised once with the bare tokenizers (gpt-tokenizer; tiktoken for claude-legacy).",
          `Before the rounds every text of all ${work.keys.length} conversations and every token count (${work.counters.join(", ")}; ${work.serialisations.join(", ")}) was compared with the run's: equal.`,
          "The lines without a target leave out what both sides wait for alike: the real filesystem server's processes and the tokenizers' own speed.",
          "Processor time is that of the process and its threads, without the real filesystem servers that both sides start alike.",
        ],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function timed(count: number, say: (line: string) => void, ours: (round: number) => Child, byHand: () => Child) {
  const cpu = { left: [] as number[], right: [] as number[] };
  const side = (name: "left" | "right", child: (round: number) => Child) => async (round: number) => {
    say(`round ${round + 1} of ${count}: ${name === "left" ? "npm start" : "by hand"}`);
    const { wallMs, cpuMs = Number.NaN } = await runChild(child(round), { measureCpu: true });
    cpu[name].push(cpuMs);
    return wallMs;
  };
  const walls = await interleave(count, side("left", ours), side("right", byHand));
  return { walls, processor: cpu.left.map((left, round): Round => ({ left, right: cpu.right[round] ?? Number.NaN })) };
}

/** The same cells in the same order, under the same counters. */
async function workOf(folder: string): Promise<FloorWork> {
  const run: RunInfo = JSON.parse(await readFile(join(folder, "run.json"), "utf8"));
  const lines = (await readFile(join(folder, "records.jsonl"), "utf8")).trim().split("\n");
  const records = lines.map((line): CellRecord => JSON.parse(line));
  const [first] = records;
  if (first === undefined || !("ledgers" in first)) throw new TypeError("The default run played nothing.");
  const counters = [...new Set(first.ledgers.map(({ counter }) => counter))];
  return { counters, serialisations: run.config.serialisations, keys: records.map(({ key }) => key), tokenizers: "bare" };
}
