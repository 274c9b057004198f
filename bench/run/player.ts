/** What cells are played with: loaded parts, open connections and a temporary folder, all closed together. */
import { readFile } from "node:fs/promises";
import { isNamed, select } from "../../contract/flags/selection.ts";
import {
  BenchError,
  type CellKey,
  type Counter,
  echoMode,
  type JobContents,
  type Mode,
  type ModelFactory,
  type RunConfig,
  type RunHost,
  type Sandbox,
  type Scenario,
  type Skip,
} from "../../contract/index.ts";
import { makeRunTemp, removeRunTemp } from "../../machine/run-temp.ts";
import { packageVersion } from "../records/version.ts";
import { openCatalogue, readCatalogue } from "../servers/catalogue.ts";
import type { Connection } from "../servers/connection.ts";
import { extraServers, toolsOf } from "../servers/extra-servers.ts";
import { memoisedCounter } from "../tokens/counters/memoised-counter.ts";
import { sha256 } from "./jobs.ts";
import { makeAvailable } from "./make-available.ts";
import { policySkips } from "./plan.ts";
import { profileContents } from "./profiles.ts";
import { languageError, modeBeyond, unreadable } from "./program-language.ts";

const counterCacheBytes = 64 * 1024 * 1024;

/** The part of a configuration that says what is loaded. */
export type Wanted = Pick<
  RunConfig,
  | "scenarios"
  | "modes"
  | "models"
  | "languages"
  | "sandboxes"
  | "counters"
  | "policies"
  | "controls"
  | "catalogue"
  | "catalogueTimeoutMs"
>;

/** Parts stand by id, in the order in which they were selected. */
export interface Player {
  /** Of this package. */
  readonly version: string;
  readonly contents: JobContents;
  readonly scenarios: ReadonlyMap<string, Scenario>;
  readonly modes: ReadonlyMap<string, Mode>;
  readonly models: ReadonlyMap<string, ModelFactory>;
  /** The mode of a control, where controls are wanted. */
  readonly echo: Mode | undefined;
  /** Swept, and able to run here; empty where no mode uses one. */
  readonly sandboxes: ReadonlyMap<string, Sandbox>;
  readonly counters: ReadonlyMap<string, Counter>;
  /** What was reached by default and cannot be played here. */
  readonly skipped: readonly Skip[];
  readonly catalogue: readonly Connection[];
  /** Servers beside the scenario's own, shared by cells. */
  extraServers(key: CellKey, scenario: Scenario): Promise<readonly Connection[]>;
  /** Sandboxes that this process has opened: the first time includes loading them. */
  readonly opened: Set<string>;
  /** Its `tmpDir` is the player's own. */
  readonly host: RunHost;
  /** Ends everything that was started, and removes the temporary folder. Idempotent. */
  close(): Promise<void>;
}

/**
 * Rejects with a `BenchError` for what cannot be had: an unknown id, a scenario or sandbox that was named and is
 * unavailable, a catalogue server that does not start, a temporary folder that cannot be written. Nothing is left open
 * then.
 */
export async function openPlayer(wanted: Wanted, given: RunHost): Promise<Player> {
  const started = new AsyncDisposableStack();
  try {
    const tmpDir = started.adopt(await makeRunTemp(given.tmpDir), removeRunTemp);
    const host = { ...given, tmpDir };
    const { scenarios, skipped } = await loadScenarios(wanted, host);
    const modes = await loadAll("mode", wanted.modes, host.registries.modes);
    const counters = await loadAll("counter", wanted.counters, host.registries.counters, (counter) =>
      memoisedCounter(counter, { maxBytes: counterCacheBytes }),
    );
    const models = await loadAll("model", wanted.models, host.registries.models);
    const echo = wanted.controls ? await host.registries.modes.load(echoMode) : undefined;
    const { sandboxes, unavailable } = await makeSandboxes(wanted, host, [...modes.values()]);
    started.defer(async () => {
      await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.dispose()));
    });
    const catalogue = await connectCatalogue(wanted, host);
    const extras = extraServers(catalogue);
    started.defer(() => extras.close());
    return {
      ...{ version: await packageVersion(), contents: await contentsOf(wanted, host, catalogue) },
      ...{ scenarios, modes, models, echo, sandboxes, counters, catalogue, host, opened: new Set<string>() },
      skipped: [...skipped, ...policySkips(wanted, [...scenarios.values()]), ...unavailable],
      extraServers: (key, scenario) =>
        extras.forCell(key, async () => (await toolsOf(scenario, key.params, catalogue, host, host.signal)).length),
      close: () => started.disposeAsync(),
    };
  } catch (error) {
    // What ended it is reported, not what closing the rest ends with.
    await started.disposeAsync().catch(() => undefined);
    throw error;
  }
}

async function loadAll<T extends { readonly id: string }>(
  kind: "mode" | "model" | "counter",
  wanted: readonly string[],
  registry: { readonly ids: readonly string[]; readonly defaults: readonly string[]; load(id: string): Promise<T> },
  made: (part: T) => T = (part) => part,
): Promise<ReadonlyMap<string, T>> {
  const parts = new Map<string, T>();
  for (const id of select(kind, wanted, registry)) parts.set(id, made(await registry.load(id)));
  return parts;
}

async function loadScenarios({ scenarios: wanted }: Wanted, { registries: { scenarios: registry } }: RunHost) {
  const scenarios = new Map<string, Scenario>();
  const skipped: Skip[] = [];
  for (const id of select("scenario", wanted, registry)) {
    const scenario = await registry.load(id);
    const problem = await scenario.unavailable?.();
    if (problem === undefined) scenarios.set(id, scenario);
    else if (isNamed(wanted, id)) {
      throw new BenchError("USAGE", { problem: `Scenario "${id}" cannot play here: ${problem.reason}.`, fix: problem.fix });
    } else skipped.push({ what: `scenario ${id}`, ...problem });
  }
  return { scenarios, skipped };
}

async function makeSandboxes({ sandboxes: wanted }: Wanted, host: RunHost, modes: readonly Mode[]) {
  if (!modes.some((mode) => mode.sandbox !== null)) return { sandboxes: new Map<string, Sandbox>(), unavailable: [] };
  const { sandboxes: registry } = host.registries;
  const { env, platform, now, tmpDir, nodePath } = host;
  const sandboxHost = { env, platform, now, tmpDir, nodePath };
  const { available, unavailable } = await makeAvailable<Sandbox>(registry, select("sandbox", wanted, registry), {
    wanted,
    host: sandboxHost,
    async available(sandbox, isNamed) {
      const mode = modeBeyond(sandbox, modes);
      if (mode === undefined) return sandbox.available();
      if (isNamed) throw await languageError(sandbox, mode, registry, sandboxHost);
      return unreadable(sandbox, mode);
    },
  });
  return {
    sandboxes: new Map(available.map(({ id, made }) => [id, made])),
    unavailable: unavailable.map(({ id, reason, fix }): Skip => ({ what: `sandbox ${id}`, reason, fix })),
  };
}

async function connectCatalogue({ catalogue, catalogueTimeoutMs }: Wanted, { env, signal }: RunHost) {
  if (catalogue === null) return [];
  return openCatalogue(await readCatalogue(catalogue, env), { timeoutMs: catalogueTimeoutMs, signal });
}

async function contentsOf(
  { catalogue: file }: Wanted,
  { configuration }: RunHost,
  catalogue: readonly Connection[],
): Promise<JobContents> {
  const shown = catalogue.map(({ name, tools, instructions }) => ({ name, tools, instructions }));
  return {
    configuration: configuration === null ? null : await configuration.contents(),
    // Not canonical: the order of a definition's fields is read by a model, and counted.
    catalogue: file === null ? null : sha256(JSON.stringify([await readFile(file, "utf8"), shown])),
    profiles: profileContents(),
  };
}
