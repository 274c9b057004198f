/**
 * What the project costs over the work that it cannot do without. Run:
 * npm run bench -- [NAME...] [--only BACKEND,...] [--json FILE]
 *
 * Both sides of every ratio are measured in one run, in interleaved rounds. A missed target is printed as it is and does
 * not fail the command: machines are noisy, and whoever reads the table decides. Exit codes: 1 if a benchmark could not
 * be measured, 2 on bad usage.
 */
import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { sandboxRegistry } from "../../sandboxes/registry.ts";
import { adapters } from "./adapters.ts";
import { bridge } from "./bridge.ts";
import { cells } from "./cells.ts";
import type { Benchmark, BenchmarkResult } from "./comparison.ts";
import { gate } from "./gate.ts";
import { help } from "./help.ts";
import { ledger } from "./ledger.ts";
import { resultText, summaryText } from "./table.ts";

const benchmarks: readonly Benchmark[] = [bridge, ledger, cells, gate, help, adapters];
const names = benchmarks.map(({ id }) => id).join(", ");

/** A closed pipe (`| head`) ends the output and nothing else. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const chosen = readArguments();
if (chosen !== undefined) await runAll(chosen);

interface Chosen {
  readonly selected: readonly Benchmark[];
  readonly jsonFile: string | undefined;
  /** Of the backends, where a benchmark has a line for each; `undefined`: all. */
  readonly only: readonly string[] | undefined;
}

function readArguments(): Chosen | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: "string" }, only: { type: "string" } },
      allowPositionals: true,
    });
    for (const name of positionals) {
      if (!benchmarks.some(({ id }) => id === name)) throw new Error(`There is no benchmark "${name}".`);
    }
    const only = values.only?.split(",");
    for (const id of only ?? []) {
      if (!sandboxRegistry.ids.includes(id))
        throw new Error(`There is no backend "${id}". There are ${sandboxRegistry.ids.join(", ")}.`);
    }
    const selected = positionals.length === 0 ? benchmarks : benchmarks.filter(({ id }) => positionals.includes(id));
    return { selected, jsonFile: values.json, only };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `${message}\nUsage: npm run bench -- [NAME...] [--only BACKEND,...] [--json FILE]\nNames: ${names}. Without one, all run.\n`,
    );
    process.exitCode = 2;
    return undefined;
  }
}

async function runAll({ selected, jsonFile, only }: Chosen): Promise<void> {
  const machine = {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
  };
  const memory = `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  print(`Node ${machine.node}, ${machine.platform}, ${machine.cpu}, ${machine.cores} cores, ${memory}`);
  const results: { readonly id: string; readonly title: string; readonly result: BenchmarkResult }[] = [];
  for (const { id, title, run } of selected) {
    print(`\n${id}: ${title}`);
    const result = await run(progress, only).catch((error: unknown) => {
      print(`  could not be measured: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    });
    progress("");
    if (result === undefined) continue;
    print(resultText(result));
    results.push({ id, title, result });
  }
  if (results.some(({ result }) => result.comparisons.length > 0)) print(`\nSummary\n${summaryText(results)}`);
  if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify({ machine, results }, null, 2)}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** On a terminal only, on one line. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
}
