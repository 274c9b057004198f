/** What a user's configuration file holds: parts of their own, beside those of this project. */
import type { Counter, Mode, Reporter, SandboxFactory, Scenario, ScriptedAgent } from "../../contract/index.ts";

/** A mode, and how scripts play it. Other models play it without that. */
export interface OwnMode extends Mode {
  readonly agent: ScriptedAgent;
}

/**
 * The default export of `mcp-code-bench.config.ts`. Ids are letters, digits, `.`, `_` and `-`. An id of the project's own
 * may not be used again.
 */
export interface Config {
  /** Played by default, after the project's own. Made with `defineScenario`. */
  readonly scenarios?: readonly Scenario[];
  /** Used where they are named with `--mode`. */
  readonly modes?: readonly OwnMode[];
  /** Factories by id, which is also the made sandbox's. Used where they are named with `--sandbox`. */
  readonly sandboxes?: { readonly [id: string]: SandboxFactory };
  /** Counted by default, after the project's own; `--counter ID` makes one the primary. */
  readonly counters?: readonly Counter[];
  /** Written beside the records of every run; `report --format ID` prints one. */
  readonly reporters?: readonly Reporter[];
}

/** Gives a configuration its type. Returns what it is given. */
export function defineConfig(config: Config): Config {
  return config;
}
