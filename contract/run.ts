import type { CellKey } from "./axes.ts";
import type { RunConfig } from "./plan.ts";
import type { CellRecord } from "./record.ts";
import type { Registries } from "./registry.ts";
import type { Machine, RunInfo } from "./report.ts";
import type { SandboxHost } from "./sandbox.ts";

/** The parts that a run can name, and the machine that it is played on. `tmpDir` is an existing folder. */
export interface RunHost extends SandboxHost {
  readonly registries: Registries;
  /** Where `registries` holds parts of a configuration; `null`: the project's own alone. */
  readonly configuration: ConfigurationFile | null;
  /** For `run.json`. */
  readonly machine: Machine;
  /** The time of day, by which a run is named. */
  readonly date: () => Date;
  /** Ends the playing at the next cell; a cell that is being played is ended and has no record. */
  readonly signal: AbortSignal;
}

export interface ConfigurationFile {
  /** Absolute. */
  readonly file: string;
  /** SHA-256 over what it and its local modules hold, so that a job can name it. */
  contents(): Promise<string>;
}

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
  readonly host: RunHost;
  /** Made if it is missing; OUTPUT_FOLDER before anything is played if it cannot take this run. */
  readonly outDir: string;
  /** What `outDir` holds of a run that is resumed; `config` is then its own. Absent: a new run. */
  readonly resume?: RunInfo;
  onEvent(event: RunEvent): void;
}

export interface RunResult {
  readonly run: RunInfo;
  /** Cells that ended and whose records are in the file, kept ones included. They are not kept in memory: read them from there. */
  readonly playedCells: number;
  /** The signal ended the run before its last cell. */
  readonly interrupted: boolean;
}

/** Plays every planned cell into a folder. */
export type PlayRun = (options: PlayRunOptions) => Promise<RunResult>;
