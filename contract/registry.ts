import { BenchError } from "./errors.ts";
import type { ExecutorFactory } from "./executor.ts";
import type { Counter } from "./ledger.ts";
import type { Mode } from "./mode.ts";
import type { ModelFactory, ScriptedAgent } from "./model.ts";
import type { Reporter } from "./report.ts";
import type { Sandbox, SandboxHost } from "./sandbox.ts";
import type { Scenario } from "./scenario.ts";
import type { ToolDefinition } from "./tool.ts";

/** Something that people look for and that is not in a registry. */
export interface NotHere {
  readonly title: string;
  readonly reason: string;
  /** What to use instead. */
  readonly fix: string;
}

/** What exists of one kind, by id. Nothing is loaded before it is asked for. */
export interface Registry<T> {
  /** In the order in which they are listed. */
  readonly ids: readonly string[];
  /** The default selection, a subset of `ids`. */
  readonly defaults: readonly string[];
  /** By ids that are not in `ids`: listed as unavailable, and refused by name. */
  readonly notHere?: { readonly [id: string]: NotHere };
  /** Rejects with UNKNOWN_ID for an id that is not in `ids`. */
  load(id: string): Promise<T>;
}

/** Makes a backend for one machine. The caller disposes of it. */
export type SandboxFactory = (host: SandboxHost) => Sandbox;

/** What a mock server is, whatever its state. */
export interface MockServerAbout {
  readonly title: string;
  /** Under the default parameters of the scenarios that have it. */
  readonly tools: readonly ToolDefinition[];
}

/** Everything that a selection can name. Only the CLI reaches all of them. */
export interface Registries {
  readonly scenarios: Registry<Scenario>;
  readonly modes: Registry<Mode>;
  /** How scripts play the modes, by the mode's id. A mode without one is played by other models only. */
  readonly agents: Registry<ScriptedAgent>;
  readonly models: Registry<ModelFactory>;
  readonly sandboxes: Registry<SandboxFactory>;
  /** No id is one of `sandboxes`: both are named by the same flag. */
  readonly executors: Registry<ExecutorFactory>;
  readonly counters: Registry<Counter>;
  readonly reporters: Registry<Reporter>;
  readonly servers: Registry<MockServerAbout>;
}

/** A registry from loaders by id, each called once; every id is in the default selection unless `defaults` says otherwise. */
export function registry<T>(
  kind: string,
  loaders: { readonly [id: string]: () => Promise<T> },
  defaults?: readonly string[],
  notHere: { readonly [id: string]: NotHere } = {},
): Registry<T> {
  const ids = Object.keys(loaders);
  const loaded = new Map<string, Promise<T>>();
  return {
    ids,
    defaults: defaults ?? ids,
    notHere,
    async load(id) {
      const load = Object.hasOwn(loaders, id) ? loaders[id] : undefined;
      if (load === undefined) throw new BenchError("UNKNOWN_ID", { kind, id, nearest: undefined, known: ids.join(", ") });
      const part = loaded.get(id) ?? load();
      loaded.set(id, part);
      return part;
    },
  };
}
