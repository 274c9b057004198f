import type { Serialisation } from "./ledger.ts";
import type { OutputSchemas, Policy } from "./mode.ts";
import type { Language } from "./sandbox.ts";
import type { TransportId } from "./server.ts";

/** What a run was asked to do, after defaults and before anything is played. Plain JSON: it is written to `run.json`. */
export interface RunConfig {
  /** Ids, or `!id` to leave one out; empty: the default selection. */
  readonly scenarios: readonly string[];
  readonly modes: readonly string[];
  /** The mode that every other way is compared with. */
  readonly baseline: string;
  /** Who writes the turns; empty: the default selection. */
  readonly models: readonly string[];
  /** What programs are written in, where a mode leaves the choice. */
  readonly languages: readonly Language[];
  readonly sandboxes: readonly string[];
  readonly counters: readonly string[];
  readonly serialisations: readonly Serialisation[];
  /** What is compared; the first is the headline's. A mode plays those that it has. */
  readonly policies: readonly Policy[];
  /** Likewise. */
  readonly outputSchemas: readonly OutputSchemas[];
  /** Also play, on seed 1, every policy and choice of output schemas that is not compared: the ends of the bounds. */
  readonly bounds: boolean;
  /** `null`: the scenario's own tools only. */
  readonly tools: readonly (number | null)[];
  /** `name=value` as given; checked against each selected scenario. */
  readonly params: readonly string[];
  readonly seeds: number;
  readonly repeat: number;
  /** Seed of the order in which cells are played. */
  readonly orderSeed: number;
  readonly controls: boolean;
  readonly profile: string;
  readonly enforceWindow: boolean;
  readonly saveTranscripts: boolean;
  /** What the mock servers are played over. It changes times, and neither tokens nor verdicts. */
  readonly transport: TransportId;
  readonly catalogue: string | null;
  /** For each catalogue server: to start, answer and list its tools. */
  readonly catalogueTimeoutMs: number;
  readonly limits: {
    readonly memoryBytes: number;
    readonly wallTimeMs: number;
    readonly outputBytes: number;
    readonly cellTimeMs: number;
  };
}

/** Something the selection named or implied that is not played, and why. */
export interface Skip {
  readonly what: string;
  readonly reason: string;
  readonly fix: string;
}
