/** `gate`: judges a run by budgets and by a committed baseline. Reads records and plays nothing. */

import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BenchError } from "../../../contract/errors.ts";
import { type FlagOf, last, readFlag } from "../../../contract/flags/flag.ts";
import { oneOf } from "../../../contract/flags/values.ts";
import { gatedRecord, groupKey } from "../../gate/cells.ts";
import { createLockCollector } from "../../gate/collector.ts";
import { parseBudgets } from "../../gate/files/budgets.ts";
import { type Lock, lockText, parseLock } from "../../gate/files/lockfile.ts";
import { createGate } from "../../gate/gate.ts";
import { createNextSteps } from "../../gate/next-steps.ts";
import type { GateReport } from "../../gate/report.ts";
import { check, counted } from "../../gate/report.ts";
import { selectionOf } from "../../gate/selection.ts";
import { RUN_FILE } from "../../records/files.ts";
import { eachRecord, readRun } from "../../records/read-records.ts";
import { writeWhole } from "../../records/record.ts";
import type { CliProcess } from "../cli-process.ts";
import type { Command } from "../command.ts";
import type { Arguments, Syntax } from "../flags.ts";
import { type Format, fileError, formats, type Place } from "./gate-files.ts";
import { show } from "./gate-output.ts";

/** What `--update` writes without `--baseline`. */
const defaultLockFile = "tokens.lock.json";

const formatFlag: FlagOf<Format> = {
  ...{ name: "format", value: "ID", summary: formats.join(", "), default: "people" },
  read: last((name, text) => oneOf(name, text, formats)),
};

const syntax: Syntax = {
  command: "gate",
  positionals: "[DIR]",
  maxPositionals: 1,
  flags: [
    { name: "budget", value: "FILE", summary: "budgets as JSON" },
    { name: "baseline", value: "DIR|FILE", summary: "another run, or a lockfile of exact figures" },
    { name: "update", summary: `write the lockfile (${defaultLockFile})` },
    { name: "why", summary: "say which cause and which tool or block it was" },
    formatFlag,
    { name: "json", summary: "the same as --format json" },
    { name: "out", value: "FILE", summary: "write the format there, and print for people" },
  ],
  example: "mcp-code-bench gate --baseline tokens.lock.json --why",
  notes: [
    "DIR is a results folder; without it, the latest under results/.",
    "On GitHub Actions annotations and a step summary come by themselves.",
    "Exits with 0 when all is within, 1 when something is not, 2 on bad input or if a",
    "cell ended in a harness error.",
  ],
};

export const gateCommand: Command = {
  syntax,
  async run(args, cli) {
    const format = args.has("json") ? "json" : readFlag(formatFlag, args.all);
    const inputs = await readInputs(args, cli);
    const report = await judge(inputs, args.has("why"), cli.cwd);
    await show(report, format, args.last("out"), cli);
    return report.harnessErrors > 0 ? 2 : report.passed ? 0 : 1;
  },
};

interface Inputs {
  readonly results: Place;
  readonly budget: Place | undefined;
  readonly baseline: Place | undefined;
  /** Write the baseline in place of comparing with it. */
  readonly update: boolean;
}

async function readInputs(args: Arguments, cli: CliProcess): Promise<Inputs> {
  const place = (name: string): Place => ({ path: resolve(cli.cwd, name), name });
  const named = (flag: string) => {
    const name = args.last(flag);
    return name === undefined ? undefined : place(name);
  };
  const update = args.has("update");
  const budget = named("budget");
  const baseline = named("baseline") ?? (update ? place(defaultLockFile) : undefined);
  if (budget === undefined && baseline === undefined) {
    throw new BenchError("USAGE", {
      problem: "There is nothing to judge by.",
      fix: "Give --budget FILE, --baseline DIR|FILE or both; --update writes a first baseline.",
    });
  }
  const [folder] = args.positionals;
  const results = folder === undefined ? await latestRun(cli.cwd) : place(folder);
  return { results, budget, baseline, update };
}

/** The folder under results/ whose run.json is youngest. */
async function latestRun(cwd: string): Promise<Place> {
  const ids = await readdir(join(cwd, "results")).catch(() => []);
  const runs = await Promise.all(
    ids.map(async (id) => {
      const found = await stat(join(cwd, "results", id, RUN_FILE)).catch(() => undefined);
      return { id, writtenMs: found?.mtimeMs ?? Number.NEGATIVE_INFINITY };
    }),
  );
  const [latest] = runs
    .filter(({ writtenMs }) => Number.isFinite(writtenMs))
    .sort((a, b) => b.writtenMs - a.writtenMs || (a.id < b.id ? 1 : -1));
  if (latest === undefined) {
    throw new BenchError("USAGE", {
      problem: "There is no run under results/.",
      fix: "Play one with mcp-code-bench run, or give its folder.",
    });
  }
  return { path: join(cwd, "results", latest.id), name: `results/${latest.id}` };
}

async function judge({ results, budget, baseline, update }: Inputs, why: boolean, cwd: string): Promise<GateReport> {
  const budgets =
    budget === undefined ? [] : parseBudgets(await readText(budget, "Give the file that holds the budgets."), budget.name);
  const run = await readRun(results.path);
  const compared = baseline === undefined || update ? undefined : await readBaseline(baseline, cwd);
  const selection = selectionOf(run.config, cwd);
  const nextSteps = createNextSteps({
    results: results.name,
    budget: budget?.name,
    baseline: baseline === undefined ? undefined : { name: baseline.name, kind: compared?.kind ?? "lockfile" },
  });
  const gate = createGate({ run, selection, budgets, lock: compared?.lock, why, nextSteps });
  const collector = update ? createLockCollector(selection) : undefined;
  let records = 0;
  const { torn } = await eachRecord(results.path, gatedRecord, (record) => {
    records++;
    gate.add(record);
    collector?.add({ record, group: groupKey(record.key) });
  });
  const checks = [...gate.checks(torn), ...(compared?.checks ?? []), ...(collector?.checks() ?? [])];
  // What a broken run measured is no baseline; a budget that is exceeded keeps nobody from writing one.
  const sound = checks.every(({ about, status }) => about === "budget" || status !== "failed");
  const lock = collector?.lock();
  if (baseline !== undefined && lock !== undefined && sound) checks.push(await writeLock(baseline, lock));
  return {
    passed: checks.every(({ status }) => status !== "failed"),
    runId: run.runId,
    files: { results: results.name, budget: budget?.name ?? null, baseline: baseline?.name ?? null },
    records,
    harnessErrors: gate.harnessErrors(),
    plannedCells: run.plannedCells,
    checks,
  };
}

/** A lockfile, or another run's records as one. */
async function readBaseline(baseline: Place, cwd: string) {
  const isFolder = await stat(baseline.path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    const text = await readText(baseline, "Write it with mcp-code-bench gate --update, or give a run's folder.");
    return { kind: "lockfile", lock: parseLock(text, baseline.name), checks: [] } as const;
  }
  const { config } = await readRun(baseline.path);
  const collector = createLockCollector(selectionOf(config, cwd));
  await eachRecord(baseline.path, gatedRecord, (record) => collector.add({ record, group: groupKey(record.key) }));
  return { kind: "folder", lock: collector.lock(), checks: collector.checks() } as const;
}

async function writeLock(baseline: Place, lock: Lock) {
  const cells = [...lock.groups.values()].reduce((sum, { seeds }) => sum + seeds.size, 0);
  try {
    await writeWhole(baseline.path, lockText(lock));
  } catch (cause) {
    throw fileError(baseline, "cannot be written", "Give another file with --baseline.", cause);
  }
  return check(
    "baseline",
    `wrote ${baseline.name}`,
    "notice",
    `The figures of ${counted(cells, "cell")} are the baseline now. Commit the file.`,
  );
}

async function readText(file: Place, fix: string): Promise<string> {
  try {
    return await readFile(file.path, "utf8");
  } catch (cause) {
    throw fileError(file, "cannot be read", fix, cause);
  }
}
