/** `run`: plays a selection, shows what it cost, and leaves records and reports in a folder. */

import type { CellStatus, PlayRunOptions, RunConfig, RunResult } from "../../../contract/index.ts";
import type { CliProcess } from "../cli-process.ts";
import type { Command } from "../command.ts";
import { configFlag, configuredParts } from "../configured.ts";
import type { Arguments, Syntax } from "../flags.ts";

/** Flags that say how a run is shown and where its parts are, not what is played. */
const withResume: ReadonlySet<string> = new Set(["resume", "json", "quiet", "config"]);

const syntax: Syntax = {
  command: "run",
  positionals: "[SCENARIO...]",
  maxPositionals: Number.POSITIVE_INFINITY,
  summary: "play scenarios and account for every token",
  flags: [
    { name: "scenario", value: "ID", repeats: true, summary: "play this one; !ID leaves one out" },
    { name: "mode", value: "ID", repeats: true, summary: "likewise" },
    { name: "baseline", value: "ID", summary: "mode that others are compared with (direct-tool-call)" },
    { name: "model", value: "ID", repeats: true, summary: "who writes the turns (scripted)" },
    { name: "language", value: "ID", repeats: true, summary: "of programs: javascript, python (javascript)" },
    { name: "sandbox", value: "ID", repeats: true, summary: "likewise" },
    { name: "counter", value: "ID", repeats: true, summary: "tokenizer; the first is primary" },
    { name: "serialisation", value: "ID", repeats: true, summary: "json, raw (both; the first is primary)" },
    { name: "policy", value: "ID", repeats: true, summary: "how scripted agents behave (minimal)" },
    { name: "output-schemas", value: "ID", repeats: true, summary: "real, all, none (real)" },
    { name: "no-bounds", summary: "leave out the cells for bounds" },
    { name: "tools", value: "N|own", repeats: true, summary: "definitions that direct sees (own and 400)" },
    { name: "param", value: "NAME=VALUE", repeats: true, summary: "a scenario's parameter" },
    { name: "seeds", value: "N", summary: "different worlds of each scenario (5)" },
    { name: "repeat", value: "N", summary: "plays of each cell, for times (1)" },
    { name: "order-seed", value: "N", summary: "seed of the order of cells (1)" },
    { name: "no-controls", summary: "leave out the control cells" },
    { name: "profile", value: "ID", summary: "model profile: prices, window, cache" },
    { name: "enforce-window", summary: "end a cell that exceeds the window" },
    { name: "save-transcripts", summary: "keep every conversation" },
    { name: "transport", value: "ID", summary: "of mock servers: memory (default), stdio, http" },
    { name: "catalogue", value: "FILE", summary: "real MCP servers to add" },
    { name: "catalogue-timeout", value: "MS", summary: "for each to start and answer (30s)" },
    configFlag,
    { name: "memory", value: "BYTES", summary: "sandbox memory (256MiB)" },
    { name: "wall-time", value: "MS", summary: "one program's time (30s)" },
    { name: "output-bytes", value: "BYTES", summary: "one program's output (1MiB)" },
    { name: "cell-time", value: "MS", summary: "one cell's time (120s)" },
    { name: "out", value: "DIR", summary: "results folder (results/<run-id>)" },
    { name: "resume", value: "DIR", summary: "go on with a run that was cut short" },
    { name: "json", summary: "one JSON document on stdout, no progress" },
    { name: "quiet", summary: "no progress" },
  ],
  example: "mcp-code-bench run slack-polling --seeds 3 --sandbox quickjs",
  notes: [
    "Flags with an ID may be repeated and take commas. See mcp-code-bench list.",
    "Policies: minimal, thorough, readme, repair, return-and-ask.",
    "Ctrl-C ends the run after the cell that is playing, writes the reports of what",
    "was played and exits with 130; a second Ctrl-C exits at once. --resume DIR takes",
    "everything from DIR/run.json, keeps what was played and plays the rest.",
    "Exits with 0 when all cells pass, 1 when a cell or a control fails, 2 on bad",
    "usage or a harness error.",
  ],
};

export const runCommand: Command = {
  syntax,
  async run(args, cli) {
    const { config, outDir, resume, started } = await askedRun(args, cli);
    const parts = await configuredParts(args, cli);
    const { aboutMachine } = await import("../about-machine.ts");
    const playRun = await cli.playRun();
    const { createProgress } = await import("../progress.ts");
    const progress = createProgress(cli, args.has("quiet") || args.has("json"));
    const { listenForInterrupt } = await import("../interrupt.ts");
    const interrupt = listenForInterrupt(cli, "the cell that is playing");
    let result: RunResult;
    try {
      const { env, platform, now, tmpDir, nodePath } = cli;
      const { machine } = await aboutMachine(cli);
      const host = { ...parts, env, platform, machine, now, tmpDir, nodePath, date: () => started, signal: interrupt.signal };
      result = await playRun({ config, host, outDir, ...(resume === undefined ? {} : { resume }), onEvent: progress.show });
    } catch (error) {
      const { isBenchError } = await import("../../../contract/errors.ts");
      const code = interrupt.exitCode();
      // Interrupted before there was anything to play or to report.
      if (code !== undefined && isBenchError(error, "ABORTED")) return code;
      throw error;
    } finally {
      progress.end();
      interrupt.stop();
    }
    const notes = result.interrupted
      ? [`Interrupted: ${result.playedCells} of ${result.run.plannedCells} cells were played.`]
      : [];
    const { readRecords } = await import("../../records/read-records.ts");
    const { records } = await readRecords(outDir);
    const { render, writeReports } = await import("./reports.ts");
    const files = await writeReports(parts.registries.reporters, outDir, result.run, records, notes);
    const format = args.has("json") ? "json" : "terminal";
    cli.stdout.write(await render(parts.registries.reporters, format, result.run, records, notes, cli));
    if (format === "terminal") {
      const shown = await Promise.all(files.map(async (file) => `  ${await shownPath(file, cli)}`));
      cli.stdout.write(`\nWritten:\n${shown.join("\n")}\n`);
    }
    if (result.interrupted) {
      const own = args.has("config") ? ["--config", args.last("config") ?? ""] : [];
      const { shellCommand } = await import("../../gate/shell-command.ts");
      const words = ["run", "--resume", await shownPath(outDir, cli), ...own];
      cli.stderr.write(`Play the rest with: ${shellCommand(words)}\n`);
    }
    const { summarise } = await import("../../../reports/figures/summarise.ts");
    const sound = summarise(result.run, records).controls.every(({ status }) => status !== "failed");
    const ended = (as: CellStatus) => records.filter(({ status }) => status === as).length;
    const verdict = ended("harness-error") > 0 ? 2 : sound && ended("passed") === records.length ? 0 : 1;
    return interrupt.exitCode() ?? verdict;
  },
};

interface AskedRun extends Pick<PlayRunOptions, "config" | "outDir" | "resume"> {
  /** By which a new run is named, and its folder. */
  readonly started: Date;
}

/** What the arguments ask for: a new run, or one that is resumed. */
async function askedRun(args: Arguments, cli: CliProcess): Promise<AskedRun> {
  const { join, resolve } = await import("node:path");
  const folder = args.last("resume");
  const started = cli.date();
  if (folder === undefined) {
    const { runIdOf } = await import("../../run/run-info.ts");
    const config = await readConfig(args, cli);
    return { config, outDir: resolve(cli.cwd, args.last("out") ?? `results/${runIdOf(started)}`), started };
  }
  const { BenchError } = await import("../../../contract/errors.ts");
  const other = syntax.flags.find(({ name }) => !withResume.has(name) && args.has(name));
  const extra = other === undefined ? args.positionals[0] : `--${other.name}`;
  if (extra !== undefined) {
    throw new BenchError("USAGE", {
      problem: `--resume takes what is played from ${folder}/run.json, so ${extra} cannot be given with it.`,
      fix: `Leave ${extra} out, or start a new run without --resume.`,
    });
  }
  const outDir = resolve(cli.cwd, folder);
  const { existsSync } = await import("node:fs");
  if (!existsSync(join(outDir, "run.json"))) {
    throw new BenchError("RESUME", {
      folder,
      problem: "it holds no run.json, so nothing was played into it",
      fix: "Give the folder of a run that began, or start a new run.",
    });
  }
  const { readRun } = await import("../../records/read-records.ts");
  const resume = await readRun(outDir);
  return { config: resume.config, outDir, resume, started };
}

/** As a user would write it: relative to the working directory, unless it is outside. */
async function shownPath(path: string, cli: CliProcess): Promise<string> {
  const { relative } = await import("node:path");
  const shown = relative(cli.cwd, path);
  return shown.startsWith("..") ? path : shown || ".";
}

async function readConfig(args: Arguments, cli: CliProcess): Promise<RunConfig> {
  const { bytes, commaSeparated, memoryBytes, milliseconds, oneOf, wholeNumber } = await import("../values.ts");
  const { select } = await import("../../run/selection.ts");
  const { defaultBaseline, languages, outputSchemaChoices, policies, serialisations, transports } = await import(
    "../../../contract/index.ts"
  );
  const { defaultCatalogueTools } = await import("../../run/run-config.ts");
  const { defaultModelProfile } = await import("../../../fixtures/profiles.ts");
  const { resolve } = await import("node:path");
  const ids = (flag: string) => commaSeparated(args.all(flag));
  const number = (flag: string, minimum: number, otherwise: number) => {
    const text = args.last(flag);
    return text === undefined ? otherwise : wholeNumber(flag, text, minimum);
  };
  const limit = (flag: string, read: typeof bytes, otherwise: string) => read(flag, args.last(flag) ?? otherwise);
  const tools = ids("tools").map((text) => (text === "own" ? null : wholeNumber("tools", text, 1)));
  const catalogue = args.last("catalogue");
  const chosen = <T extends string>(flag: string, all: readonly T[], defaults: readonly T[] = all, kind = flag): T[] => {
    const selected = select(kind, ids(flag), { ids: all, defaults });
    return selected.flatMap((id) => all.filter((known) => known === id));
  };
  return {
    scenarios: [...commaSeparated(args.positionals), ...ids("scenario")],
    modes: ids("mode"),
    baseline: args.last("baseline") ?? defaultBaseline,
    models: ids("model"),
    languages: chosen("language", languages, ["javascript"]),
    sandboxes: ids("sandbox"),
    counters: ids("counter"),
    serialisations: chosen("serialisation", serialisations),
    policies: chosen("policy", policies, ["minimal"]),
    outputSchemas: chosen("output-schemas", outputSchemaChoices, ["real"], "choice of output schemas"),
    bounds: !args.has("no-bounds"),
    tools: tools.length > 0 ? [...new Set(tools)] : catalogue === undefined ? [null, defaultCatalogueTools] : [null],
    params: args.all("param"),
    seeds: number("seeds", 1, 5),
    repeat: number("repeat", 1, 1),
    orderSeed: number("order-seed", 0, 1),
    controls: !args.has("no-controls"),
    profile: args.last("profile") ?? defaultModelProfile.id,
    enforceWindow: args.has("enforce-window"),
    saveTranscripts: args.has("save-transcripts"),
    transport: oneOf("transport", args.last("transport") ?? "memory", transports),
    catalogue: catalogue === undefined ? null : resolve(cli.cwd, catalogue),
    catalogueTimeoutMs: limit("catalogue-timeout", milliseconds, "30s"),
    limits: {
      memoryBytes: limit("memory", memoryBytes, "256MiB"),
      wallTimeMs: limit("wall-time", milliseconds, "30s"),
      outputBytes: limit("output-bytes", bytes, "1MiB"),
      cellTimeMs: limit("cell-time", milliseconds, "120s"),
    },
  };
}
