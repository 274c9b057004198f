import type { CellKey } from "./axes.ts";
import type { RunConfig } from "./plan.ts";
import type { Serialisation } from "./serialisation.ts";

import type { TransportId } from "./server.ts";

/**
 * A cell and its settings as plain JSON. Any process with this version and these contents plays it to the same record,
 * measured times apart; one that lacks them refuses.
 */
export interface Job {
  /** Of this package. */
  readonly version: string;
  readonly key: CellKey;
  /** Ids, at least one; the first is primary. */
  readonly counters: readonly string[];
  /** At least one; the first is primary. */
  readonly serialisations: readonly Serialisation[];
  /** Id of the model profile that the figures are made under. */
  readonly profile: string;
  readonly limits: RunConfig["limits"];
  readonly transport: TransportId;
  readonly enforceWindow: boolean;
  readonly contents: JobContents;
}

/** What a job names and does not hold: SHA-256, hexadecimal. */
export interface JobContents {
  /** The configuration file, the local modules that it imports, and its scenarios' programs. `null`: no configuration. */
  readonly configuration: string | null;
  /** The catalogue file, and what its servers listed for a model to read. `null`: no catalogue. */
  readonly catalogue: string | null;
  /** The profiles of models, speed and latency. */
  readonly profiles: string;
}
