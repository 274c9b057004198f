/** `run`: plays a selection, shows what it cost, and leaves records and reports in a folder. */

import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { commaSeparated } from "../../contract/flags/values.ts";
import {
  BenchError,
  type CellStatus,
  isBenchError,
  type PlayRunOptions,
  type RunConfig,
  type RunResult,
} from "../../contract/index.ts";
import { summarise } from "../../reports/figures/summarise.ts";
import { shellCommand } from "../gate/shell-command.ts";
import { readRecords, readRun } from "../records/read-records.ts";
import { runIdOf } from "../run/run-info.ts";
import { readSettings } from "../run/settings.ts";
import { aboutMachine } from "./about-machine.ts";
import type { CliProcess, ExitCode } from "./cli-process.ts";
import { render, writeReports } from "./commands/reports.ts";
import { configuredParts } from "./configured.ts";
import type { Arguments, Syntax } from "./flags.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { createProgress } from "./progress.ts";

/** Flags that say how a run is shown and where its parts are, not what is played. */
const withResume: ReadonlySet<string> = new Set(["resume", "json", "quiet", "config"]);

export async function runAsked(syntax: Syntax, args: Arguments, cli: CliProcess): Promise<ExitCode> {
  const { config, outDir, resume, started } = await askedRun(syntax, args, cli);
  const parts = await configuredParts(args, cli);
  const playRun = await cli.playRun();
  const progress = createProgress(cli, args.has("quiet") || args.has("json"));
  const interrupt = listenForInterrupt(cli, "the cell that is playing");
  let result: RunResult;
  try {
    const { env, platform, now, tmpDir, nodePath } = cli;
    const { machine } = await aboutMachine(cli);
    const host = { ...parts, env, platform, machine, now, tmpDir, nodePath, date: () => started, signal: interrupt.signal };
    result = await playRun({ config, host, outDir, ...(resume === undefined ? {} : { resume }), onEvent: progress.show });
  } catch (error) {
    const code = interrupt.exitCode();
    // Interrupted before there was anything to play or to report.
    if (code !== undefined && isBenchError(error, "ABORTED")) return code;
    throw error;
  } finally {
    progress.end();
    interrupt.stop();
  }
  const notes = result.interrupted ? [`Interrupted: ${result.playedCells} of ${result.run.plannedCells} cells were played.`] : [];
  const { records } = await readRecords(outDir);
  const files = await writeReports(parts.registries.reporters, outDir, result.run, records, notes);
  const format = args.has("json") ? "json" : "terminal";
  cli.stdout.write(await render(parts.registries.reporters, format, result.run, records, notes, cli));
  if (format === "terminal") {
    const shown = files.map((file) => `  ${shownPath(file, cli)}`);
    cli.stdout.write(`\nWritten:\n${shown.join("\n")}\n`);
  }
  if (result.interrupted) {
    const own = args.has("config") ? ["--config", args.last("config") ?? ""] : [];
    const words = ["run", "--resume", shownPath(outDir, cli), ...own];
    cli.stderr.write(`Play the rest with: ${shellCommand(words)}\n`);
  }
  const sound = summarise(result.run, records).controls.every(({ status }) => status !== "failed");
  const ended = (as: CellStatus) => records.filter(({ status }) => status === as).length;
  const verdict = ended("harness-error") > 0 ? 2 : sound && ended("passed") === records.length ? 0 : 1;
  return interrupt.exitCode() ?? verdict;
}

interface AskedRun extends Pick<PlayRunOptions, "config" | "outDir" | "resume"> {
  /** By which a new run is named, and its folder. */
  readonly started: Date;
}

/** What the arguments ask for: a new run, or one that is resumed. */
async function askedRun(syntax: Syntax, args: Arguments, cli: CliProcess): Promise<AskedRun> {
  const folder = args.last("resume");
  const started = cli.date();
  if (folder === undefined) {
    const config = readConfig(args, cli);
    return { config, outDir: resolve(cli.cwd, args.last("out") ?? `results/${runIdOf(started)}`), started };
  }
  const other = syntax.flags.find(({ name }) => !withResume.has(name) && args.has(name));
  const extra = other === undefined ? args.positionals[0] : `--${other.name}`;
  if (extra !== undefined) {
    throw new BenchError("USAGE", {
      problem: `--resume takes what is played from ${folder}/run.json, so ${extra} cannot be given with it.`,
      fix: `Leave ${extra} out, or start a new run without --resume.`,
    });
  }
  const outDir = resolve(cli.cwd, folder);
  if (!existsSync(join(outDir, "run.json"))) {
    throw new BenchError("RESUME", {
      folder,
      problem: "it holds no run.json, so nothing was played into it",
      fix: "Give the folder of a run that began, or start a new run.",
    });
  }
  const resume = await readRun(outDir);
  return { config: resume.config, outDir, resume, started };
}

/** As a user would write it: relative to the working directory, unless it is outside. */
function shownPath(path: string, cli: CliProcess): string {
  const shown = relative(cli.cwd, path);
  return shown.startsWith("..") ? path : shown || ".";
}

function readConfig(args: Arguments, cli: CliProcess): RunConfig {
  const settings = readSettings(args.all);
  const { scenarios, catalogue } = settings;
  return {
    ...settings,
    scenarios: [...commaSeparated(args.positionals), ...scenarios],
    catalogue: catalogue === null ? null : resolve(cli.cwd, catalogue),
  };
}
