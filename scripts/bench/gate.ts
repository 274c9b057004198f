/** The gate on many records: whether its time is linear, its memory flat, and how far it is from reading alone. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunInfo } from "../../contract/index.ts";
import { fileOf, runChild } from "./child.ts";
import { atMost, type Benchmark, compare, type Round } from "./comparison.ts";
import { interleave } from "./rounds.ts";

const small = 10_000;
const large = 100_000;
const rounds = 3;
const seeds = 5;
const megabyte = 1_000_000;

/** Reads and parses every line, and does nothing with it: what any judge of these records has to do. */
const floor = `data:text/javascript,${encodeURIComponent(`
  import { createReadStream } from "node:fs";
  import { createInterface } from "node:readline";
  for await (const line of createInterface({ input: createReadStream(process.argv[1]), crlfDelay: Infinity })) JSON.parse(line);
`)}`;
/** Kilobytes of resident memory at its highest, behind whatever the command printed. */
const sayPeak = `data:text/javascript,${encodeURIComponent(
  'process.on("exit",()=>process.stdout.write("\\npeakKilobytes="+process.resourceUsage().maxRSS))',
)}`;

export const gate: Benchmark = {
  id: "gate",
  title: `gate with budgets, a lockfile and --why on ${large.toLocaleString("en-US")} records`,
  async run(say) {
    const folder = await mkdtemp(join(tmpdir(), "bench-gate-"));
    try {
      const env = { NODE_COMPILE_CACHE: join(folder, "compile-cache") };
      const cli = [fileOf("../../bench/bin.mjs")];
      say("playing the default selection for records to copy");
      const played = join(folder, "played");
      await runChild(
        {
          args: [
            ...cli,
            "run",
            "--seeds",
            `${seeds}`,
            "--quiet",
            "--no-controls",
            "--scenario",
            "!csv-summary-real",
            "--out",
            played,
          ],
          env,
        },
        { measureCpu: false },
      );
      const budgets = join(folder, "budgets.json");
      await writeFile(budgets, JSON.stringify(budgetFile));
      const lock = join(folder, "tokens.lock.json");
      await runChild({ args: [...cli, "gate", played, "--baseline", lock, "--update"], env }, { measureCpu: false });
      const bytes = new Map<number, number>();
      for (const records of [small, large]) {
        say(`writing ${records} records`);
        bytes.set(records, await copyRecords(played, join(folder, `${records}`), records));
      }
      const judge = (records: number, ...nodeFlags: string[]) => {
        const results = join(folder, `${records}`);
        const args = [...nodeFlags, ...cli, "gate", results, "--budget", budgets, "--baseline", lock, "--why"];
        return runChild({ args, env }, { measureCpu: false });
      };
      const peakMegabytes = async (records: number) => {
        const { stdout } = await judge(records, "--max-semi-space-size=4", "--import", sayPeak);
        return (Number(/peakKilobytes=(\d+)$/.exec(stdout)?.[1]) * 1024) / megabyte;
      };
      const linear = await interleave(
        rounds,
        async (round) => {
          say(`round ${round + 1} of ${rounds}: ${large} records`);
          return (await judge(large)).wallMs / (large / small);
        },
        async () => (await judge(small)).wallMs,
      );
      const peaks = [{ left: await peakMegabytes(large), right: await peakMegabytes(small) }];
      const parse = { args: ["--input-type=module", "--import", floor, "-e", "", join(folder, `${large}`, "records.jsonl")] };
      const floors: Round[] = [];
      for (const { left } of linear)
        floors.push({ left, right: (await runChild(parse, { measureCpu: false })).wallMs / (large / small) });
      const each = ((bytes.get(large) ?? Number.NaN) / large / 1000).toFixed(1);
      return {
        comparisons: [
          compare(`10,000 records of ${large.toLocaleString("en-US")}: wall time`, linear, {
            figure: ({ left }) => left,
            figureUnit: "ms",
            target: atMost(1000, "ms"),
          }),
          compare("10,000 records of 100,000 to 10,000 alone: wall time", linear, { target: atMost(1.15) }),
          compare("10,000 records to reading and parsing their lines alone", floors),
          compare("peak memory, 100,000 records to 10,000", peaks, {
            unit: "MB",
            figure: ({ left, right }) => left - right,
            figureUnit: "MB",
            target: atMost(50, "MB"),
          }),
        ],
        notes: [
          `Whole processes of the command, ${rounds} interleaved rounds. The records are those of a default run with ${seeds} seeds, without the real filesystem server, repeated: ${each} kB each. "Against" is 10,000 records in a process of their own, start-up included.`,
          "Memory is resident memory at its highest, in runs of their own with --max-semi-space-size=4: with the default the collector takes up to 100 MB more before it works, however little is kept.",
          "The floor reads the same file by lines and parses each as JSON, nothing else.",
        ],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const budgetFile = {
  budgets: ["slack-polling", "sheet-filter", "drive-to-salesforce"].flatMap((scenario) => [
    { scenario, mode: "code-execution", measure: "peakContext", limit: "40 k" },
    { scenario, mode: "direct-tool-call", measure: "success", limit: "100%" },
    { scenario, mode: "direct-tool-call", measure: "playMs", limit: "1 min" },
  ]),
};

/** A run of as many records as wanted: those of `from`, again and again, each time one repetition on. Returns bytes. */
async function copyRecords(from: string, to: string, records: number): Promise<number> {
  const lines = (await readFile(join(from, "records.jsonl"), "utf8")).trim().split("\n");
  const run: RunInfo = JSON.parse(await readFile(join(from, "run.json"), "utf8"));
  mkdirSync(to);
  await writeFile(join(to, "run.json"), JSON.stringify({ ...run, plannedCells: records } satisfies RunInfo));
  const file = openSync(join(to, "records.jsonl"), "w");
  let bytes = 0;
  for (let first = 0; first < records; first += lines.length) {
    const block = lines
      .slice(0, records - first)
      .map((line) => line.replace('"repetition":0', `"repetition":${first / lines.length}`));
    bytes += writeSync(file, `${block.join("\n")}\n`);
  }
  closeSync(file);
  return bytes;
}
