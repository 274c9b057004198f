import type { CellKey } from "./axes.ts";
import type { RunConfig } from "./plan.ts";
import type { CellRecord } from "./record.ts";
import type { Registries } from "./registry.ts";
import type { Machine, RunInfo } from "./report.ts";

/** What a run tells its caller while it goes on. */
export type RunEvent =
  /** `kept` counts the cells of a resumed run whose records are in the file already. */
  | { readonly type: "planned"; readonly run: RunInfo; readonly kept: number }
  /** A cell ended and its record is in the file. `done` counts it, and the kept ones. */
  | {
      readonly type: "cell";
      readonly record: CellRecord;
      readonly key: CellKey;
      readonly done: number;
      readonly total: number;
    };

export interface PlayRunOptions {
  readonly config: RunConfig;
  readonly registries: Registries;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Made if it is missing; OUTPUT_FOLDER before anything is played if it cannot take this run. */
  readonly outDir: string;
  /** What `outDir` holds of a run to go on with; `config`, `runId` and `startedAt` are then its own. Absent: a new run. */
  readonly resume?: RunInfo;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** This one. */
  readonly machine: Machine;
  /** Name to version of what the caller knows: this project, Node's engine. Sandboxes and counters add theirs. */
  readonly versions: RunInfo["versions"];
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** An existing folder for sandboxes and servers. */
  readonly tmpDir: string;
  /** Flags that `serve` needs in a child process to find this run's scenarios: those of the configuration. Default none. */
  readonly serveFlags?: readonly string[];
  /** The Node that child processes are started with. */
  readonly nodePath: string;
  /** Ends the run after what is playing; the records so far are kept. */
  readonly signal: AbortSignal;
  onEvent(event: RunEvent): void;
}

export interface RunResult {
  readonly run: RunInfo;
  /** Cells that ended and whose records are in the file, kept ones included. They are not kept in memory: read them from there. */
  readonly playedCells: number;
  /** The signal ended the run before its last cell. */
  readonly interrupted: boolean;
}

/** Plays every planned cell. Rejects with a `BenchError` only before the first cell; after that a failure is a record. */
export type PlayRun = (options: PlayRunOptions) => Promise<RunResult>;
