import type { RunConfig, Skip } from "./plan.ts";
import type { CellRecord } from "./record.ts";

/** `run.json`: what was asked, on what machine, with which versions. Written before the first cell. */
export interface RunInfo {
  readonly schemaVersion: number;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly config: RunConfig;
  readonly plannedCells: number;
  readonly skipped: readonly Skip[];
  readonly environment: {
    readonly node: string;
    readonly platform: string;
    readonly arch: string;
    readonly cpu: string;
    readonly cpus: number;
    readonly memoryBytes: number;
  };
  readonly versions: { readonly [name: string]: string };
  /** Name, version and negotiated protocol revision of each catalogue server, with its number of tools. */
  readonly catalogueServers: readonly {
    readonly name: string;
    readonly version: string;
    readonly protocol: string;
    readonly tools: number;
  }[];
}

/** Renders records. Pure: the same records give the same bytes. Everything in a record is untrusted text. */
export interface Reporter {
  readonly id: string;
  readonly title: string;
  readonly fileName: string;
  render(run: RunInfo, records: readonly CellRecord[]): string;
}
