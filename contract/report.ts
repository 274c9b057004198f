import type { RunConfig, Skip } from "./plan.ts";
import type { ModelProfile, SpeedProfile, ToolLatencyProfile } from "./profile.ts";
import type { CellRecord } from "./record.ts";
import type { Claim } from "./scenario.ts";

export interface Selected {
  readonly id: string;
  readonly control: boolean;
}

export interface SelectedMode extends Selected {
  /** At the head of a column. */
  readonly short: string;
}

/** What times depend on. */
export interface Machine {
  /** The same for the whole life of a machine, and says nothing about it. */
  readonly id: string;
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** `run.json`: what was asked, on what machine, with which versions. Written before the first cell. */
export interface RunInfo {
  readonly schemaVersion: number;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly config: RunConfig;
  readonly plannedCells: number;
  /** What is compared, in the order asked for. A control never leads a comparison. */
  readonly selected: {
    readonly modes: readonly SelectedMode[];
    readonly sandboxes: readonly Selected[];
  };
  /** Published claims that selected scenarios stand for. */
  readonly claims: readonly (Claim & { readonly scenario: string })[];
  readonly skipped: readonly Skip[];
  /** Those that play it; records name them by their ids. */
  readonly machines: readonly Machine[];
  /** What prices, windows and modelled seconds come from. `toolLatency` gives the order of `ModelledTimes.totalSeconds`. */
  readonly profiles: {
    readonly model: ModelProfile;
    /** The profiles that every record is restated under. */
    readonly others: readonly ModelProfile[];
    readonly speed: SpeedProfile;
    readonly toolLatency: ToolLatencyProfile;
  };
  readonly versions: { readonly [name: string]: string };
  /** Name, version and negotiated protocol revision of each catalogue server, with its number of tools. */
  readonly catalogueServers: readonly {
    readonly name: string;
    readonly version: string;
    readonly protocol: string;
    readonly tools: number;
    readonly refused: RefusedTools;
  }[];
}

/** Tools of a server whose name, `<server>__<tool>`, the Messages API would refuse. */
export interface RefusedTools {
  readonly tools: number;
  /** The first of these names, cut. */
  readonly examples: readonly string[];
}

/** Where a report is read. A file has no colours and 80 columns. */
export interface ReportView {
  readonly columns: number;
  readonly colours: boolean;
  /** What the reader has to know about these records beside what they hold, e.g. that the run was interrupted. */
  readonly notes: readonly string[];
}

/** Renders records. Pure: the same arguments give the same bytes. Everything in a record is untrusted text. */
export interface Reporter {
  readonly id: string;
  readonly title: string;
  /** Under which the report stands beside its records. */
  readonly fileName: string;
  render(run: RunInfo, records: readonly CellRecord[], view: ReportView): string;
}
