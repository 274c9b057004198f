/** Plays a whole run: checks what was asked for before anything starts, then cell after cell, each record written as it ends. */
import { createHash } from "node:crypto";
import {
  BenchError,
  type CellKey,
  type Counter,
  echoMode,
  isBenchError,
  type Mode,
  type ModelProfile,
  type PlayRunOptions,
  type RunConfig,
  type RunInfo,
  type RunResult,
  type Sandbox,
  type SavedTranscript,
  type Scenario,
  type Skip,
  type ToolDefinition,
} from "../../contract/index.ts";
import { defaultSpeedProfile, defaultToolLatency, modelProfiles } from "../../fixtures/profiles.ts";
import { random } from "../../fixtures/random.ts";
import { makeRunTemp, removeRunTemp } from "../../machine/run-temp.ts";
import { type CellSetting, playCell } from "../play/cell.ts";
import { buildTree } from "../play/tree/tree.ts";
import { cellId } from "../records/cell-id.ts";
import { lockFolder } from "../records/folder-lock.ts";
import { createRun, makeRunFolder, openRecords, type RecordWriter, writeRunFile } from "../records/record.ts";
import { RECORD_SCHEMA_VERSION } from "../records/record-schema.ts";
import { openCatalogue, readCatalogue } from "../servers/catalogue.ts";
import type { Connection } from "../servers/connection.ts";
import { extraServers, toolsOf } from "../servers/extra-servers.ts";
import { refusedTools } from "../servers/tool-names.ts";
import { memoisedCounter } from "../tokens/counters/memoised-counter.ts";
import { LEDGER_VERSION } from "../tokens/ledger/ledger.ts";
import { makeAvailable } from "./make-available.ts";
import { parameterSets } from "./parameters.ts";
import { plan, policySkips } from "./plan.ts";
import { languageError, modeBeyond, unreadable } from "./program-language.ts";
import { checkSameRun, keptCells } from "./resume.ts";
import { isNamed, select } from "./selection.ts";

const counterCacheBytes = 64 * 1024 * 1024;

/** What a configuration names, loaded. */
interface Parts {
  readonly scenarios: readonly Scenario[];
  readonly modes: ReadonlyMap<string, Mode>;
  readonly sandboxes: ReadonlyMap<string, Sandbox>;
  readonly counters: readonly Counter[];
  readonly profile: ModelProfile;
  readonly echo: Mode | undefined;
  readonly skipped: readonly Skip[];
}

/**
 * Plays every planned cell.
 *
 * Rejects with a `BenchError` only before the first cell: an unknown id, a parameter out of range, a sandbox that was
 * named and is unavailable, a catalogue server that does not start, a folder that cannot be written. After that a
 * failure is a record, or OUTPUT_FOLDER where nothing more can be written: what was played is kept and can be resumed.
 * Everything that was started is closed, whatever happens.
 */
export async function playRun(given: PlayRunOptions): Promise<RunResult> {
  const tmpDir = await makeRunTemp(given.tmpDir);
  try {
    return await playIn({ ...given, tmpDir });
  } finally {
    await removeRunTemp(tmpDir);
  }
}

async function playIn(options: PlayRunOptions): Promise<RunResult> {
  const parts = await load(options);
  const catalogue = await connectCatalogue(options);
  const extras = extraServers(catalogue);
  try {
    await checkWorlds(options, parts, catalogue);
    return await playPlan(options, parts, catalogue, extras.forCell);
  } finally {
    await extras.close();
    await Promise.all([...parts.sandboxes.values()].map((sandbox) => sandbox.dispose()));
  }
}

async function load(options: PlayRunOptions): Promise<Parts> {
  const { config, registries } = options;
  const skipped: Skip[] = [];
  const scenarios: Scenario[] = [];
  for (const id of select("scenario", config.scenarios, registries.scenarios)) {
    const scenario = await registries.scenarios.load(id);
    const problem = await scenario.unavailable?.();
    if (problem === undefined) scenarios.push(scenario);
    else if (isNamed(config.scenarios, id)) {
      throw new BenchError("USAGE", { problem: `Scenario "${id}" cannot play here: ${problem.reason}.`, fix: problem.fix });
    } else skipped.push({ what: `scenario ${id}`, ...problem });
  }
  skipped.push(...policySkips(config, scenarios));
  const modes = new Map<string, Mode>();
  for (const id of select("mode", config.modes, registries.modes)) modes.set(id, await registries.modes.load(id));
  const counters: Counter[] = [];
  for (const id of select("counter", config.counters, registries.counters)) {
    counters.push(memoisedCounter(await registries.counters.load(id), { maxBytes: counterCacheBytes }));
  }
  const echo = config.controls ? await registries.modes.load(echoMode) : undefined;
  const profile = profileOf(config);
  const usesSandbox = [...modes.values()].some((mode) => mode.sandbox !== null);
  const sandboxes = usesSandbox ? await makeSandboxes(options, [...modes.values()], skipped) : new Map<string, Sandbox>();
  return { scenarios, modes, sandboxes, counters, profile, echo, skipped };
}

/** Those that can run; the others are added to `skipped`. Nothing is left open when it rejects. */
async function makeSandboxes(
  { config, registries, env, platform, now, tmpDir, nodePath }: PlayRunOptions,
  modes: readonly Mode[],
  skipped: Skip[],
): Promise<ReadonlyMap<string, Sandbox>> {
  const host = { env, platform, now, tmpDir, nodePath };
  const { sandboxes: wanted } = config;
  const { available, unavailable } = await makeAvailable<Sandbox>(
    registries.sandboxes,
    select("sandbox", wanted, registries.sandboxes),
    {
      wanted,
      host,
      async available(sandbox, isNamed) {
        const mode = modeBeyond(sandbox, modes);
        if (mode === undefined) return sandbox.available();
        if (isNamed) throw await languageError(sandbox, mode, registries.sandboxes, host);
        return unreadable(sandbox, mode);
      },
    },
  );
  skipped.push(...unavailable.map(({ id, reason, fix }) => ({ what: `sandbox ${id}`, reason, fix })));
  return new Map(available.map(({ id, made }) => [id, made]));
}

function profileOf({ profile: id }: RunConfig): ModelProfile {
  const ids = modelProfiles.map((candidate) => candidate.id);
  const [selected] = select("profile", [id], { ids, defaults: ids });
  const profile = modelProfiles.find((candidate) => candidate.id === selected);
  if (profile === undefined) throw new TypeError(`No profile ${id} after its selection.`);
  return profile;
}

async function connectCatalogue({ config, env, signal }: PlayRunOptions): Promise<readonly Connection[]> {
  if (config.catalogue === null) return [];
  return openCatalogue(await readCatalogue(config.catalogue, env), { timeoutMs: config.catalogueTimeoutMs, signal });
}

/**
 * What could go wrong in every cell is found before the first: `--tools N` counts every definition that direct sees, so
 * it cannot be below what a scenario and the catalogue bring; and a catalogue's names can meet a scenario's.
 */
async function checkWorlds(
  { config, tmpDir, nodePath, signal }: PlayRunOptions,
  { scenarios, modes }: Parts,
  catalogue: readonly Connection[],
): Promise<void> {
  const fewest = Math.min(...config.tools.map((tools) => tools ?? Number.POSITIVE_INFINITY));
  if (fewest === Number.POSITIVE_INFINITY && catalogue.length === 0) return;
  const sets = parameterSets(scenarios, config.params);
  for (const scenario of scenarios) {
    for (const params of sets.get(scenario.id) ?? []) {
      const tools = await toolsOf(scenario, params, catalogue, { tmpDir, nodePath }, signal);
      if (tools.length > fewest) {
        const bringing =
          config.catalogue === null ? `${scenario.id} brings itself` : `${scenario.id} and the catalogue bring themselves`;
        throw new BenchError("USAGE", {
          problem: `--tools ${fewest} is fewer than the ${tools.length} tools that ${bringing}.`,
          fix: `Give ${tools.length} or more, or "own".`,
        });
      }
      if ([...modes.values()].some((mode) => mode.sandbox !== null)) buildTree(tools);
    }
  }
}

async function playPlan(
  options: PlayRunOptions,
  parts: Parts,
  catalogue: readonly Connection[],
  extrasForCell: (key: CellKey, ownTools: () => Promise<number>) => Promise<readonly Connection[]>,
): Promise<RunResult> {
  const { config, now, signal, outDir, tmpDir, nodePath } = options;
  const host = { tmpDir, nodePath };
  const cells = plan({
    config,
    scenarios: parts.scenarios,
    modes: [...parts.modes.values()],
    models: config.models.length === 0 ? ["scripted"] : config.models,
    sandboxes: [...parts.sandboxes.values()],
    echo: parts.echo,
    shuffle: random(config.orderSeed, "cell order").shuffle,
  });
  const run = runInfo(options, parts, catalogue, cells, parts.skipped);
  const opened = new Set<string>();
  const { records, kept, close } = await openFolder(options, run, cells);
  let done = kept.size;
  try {
    options.onEvent({ type: "planned", run, kept: done });
    for (const key of cells) {
      if (kept.has(cellId(key))) continue;
      if (signal.aborted) break;
      const setting = await settingOf(key);
      const played = await playCell(key, setting).catch((error: unknown) => {
        if (isBenchError(error, "ABORTED")) return undefined;
        throw error;
      });
      if (played === undefined) break;
      if (key.sandbox !== null) opened.add(key.sandbox);
      // The record comes last: a cell that has one is not played again.
      if (config.saveTranscripts && played.saved !== undefined) await saveTranscript(outDir, played.saved);
      records.append(played.record);
      options.onEvent({ type: "cell", record: played.record, key, done: ++done, total: cells.length });
    }
  } finally {
    await close();
  }
  return { run, playedCells: done, interrupted: done < cells.length };

  async function settingOf(key: CellKey): Promise<CellSetting> {
    const scenario = parts.scenarios.find(({ id }) => id === key.scenario);
    const mode = parts.modes.get(key.mode) ?? parts.echo;
    if (scenario === undefined || mode === undefined) throw new TypeError(`The plan names what was not loaded: ${key.scenario}.`);
    const sandbox = key.sandbox === null ? undefined : parts.sandboxes.get(key.sandbox);
    return {
      scenario,
      mode,
      model: await options.registries.models.load(key.model),
      agents: options.registries.agents,
      ...(sandbox === undefined ? {} : { sandbox }),
      firstOpen: key.sandbox !== null && !opened.has(key.sandbox),
      extraServers: await extrasForCell(key, async () => (await toolsOf(scenario, key.params, catalogue, host, signal)).length),
      counters: parts.counters,
      serialisations: config.serialisations,
      profiles: run.profiles,
      limits: config.limits,
      transport: { transport: config.transport, serveFlags: options.serveFlags ?? [] },
      enforceWindow: config.enforceWindow,
      machine: options.machine.id,
      host,
      now,
      signal,
    };
  }
}

/** Locks the folder and makes it this run's, or takes up the run that is in it. */
async function openFolder({ outDir, resume }: PlayRunOptions, run: RunInfo, cells: readonly CellKey[]) {
  if (resume !== undefined) checkSameRun(outDir, resume, run);
  else await makeRunFolder(outDir);
  const lock = await lockFolder(outDir);
  let records: RecordWriter | undefined;
  const close = async () => {
    records?.close();
    await lock.release();
  };
  try {
    if (resume === undefined) await createRun(outDir, run);
    records = await openRecords(outDir, resume === undefined ? "new" : "continued");
    const kept = resume === undefined ? new Set<string>() : await keptCells(outDir, cells, LEDGER_VERSION);
    return { records, kept, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function runInfo(
  { config, runId, startedAt, machine, versions }: PlayRunOptions,
  { scenarios, modes, sandboxes, counters, profile }: Parts,
  catalogue: readonly Connection[],
  cells: readonly CellKey[],
  skipped: readonly Skip[],
): RunInfo {
  return {
    schemaVersion: RECORD_SCHEMA_VERSION,
    runId,
    startedAt,
    config,
    plannedCells: cells.length,
    selected: {
      modes: [...modes.values()].map(({ id, control, short = id }) => ({ id, control, short })),
      sandboxes: [...sandboxes.values()].map(({ id, control }) => ({ id, control })),
    },
    claims: scenarios.flatMap(({ id, claim }) => (claim === undefined ? [] : [{ scenario: id, ...claim }])),
    skipped,
    machines: [machine],
    profiles: {
      model: profile,
      others: modelProfiles.filter((other) => other !== profile),
      speed: defaultSpeedProfile,
      toolLatency: defaultToolLatency,
    },
    versions: {
      ...versions,
      ...Object.fromEntries([...sandboxes.values()].map(({ id, version }) => [`sandbox ${id}`, version])),
      ...Object.fromEntries(counters.map(({ id, version }) => [`counter ${id}`, version])),
      ...Object.fromEntries(catalogue.map(({ name, tools }) => [`tools of server ${name}`, shortHash(tools)])),
      ...Object.fromEntries(
        catalogue.flatMap(({ name, instructions }) =>
          instructions === undefined ? [] : [[`instructions of server ${name}`, shortHash(instructions)]],
        ),
      ),
    },
    catalogueServers: catalogue.map(({ name, serverVersion, protocol, tools }) => ({
      name,
      version: serverVersion,
      protocol,
      tools: tools.length,
      refused: refusedTools(tools),
    })),
  };
}

/** Equal text, equal hash: a server may change what the model is shown and keep its version. */
function shortHash(shown: string | readonly ToolDefinition[]): string {
  return createHash("sha256").update(JSON.stringify(shown)).digest("hex").slice(0, 12);
}

async function saveTranscript(outDir: string, saved: SavedTranscript): Promise<void> {
  await writeRunFile(outDir, `transcripts/${cellId(saved.key)}.json`, JSON.stringify(saved));
}
