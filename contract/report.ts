import { z } from "zod";
import type { Readonlies } from "./json.ts";
import { runConfigSchema } from "./plan.ts";
import { modelProfileSchema, speedProfileSchema, toolLatencyProfileSchema } from "./profile.ts";
import { type CellRecord, schemaVersion } from "./record.ts";

const count = z.int().nonnegative();
const selected = z.object({ id: z.string(), control: z.boolean() });
export type Selected = Readonly<z.output<typeof selected>>;

/** What times depend on. `id` is the same for the whole life of a machine, and says nothing about it. */
const machine = z.object({
  ...{ id: z.string(), node: z.string(), platform: z.string(), arch: z.string() },
  ...{ cpu: z.string(), cpus: count, memoryBytes: count },
});
export type Machine = Readonly<z.output<typeof machine>>;

/** Tools of a server whose name, `<server>__<tool>`, the Messages API would refuse. `examples`: the first of them, cut. */
const refusedTools = z.object({ tools: count, examples: z.array(z.string()) });
export type RefusedTools = Readonlies<z.output<typeof refusedTools>>;

/** `run.json`: what was asked, on what machine, with which versions. Written before the first cell. */
export const runInfoSchema = z.object({
  schemaVersion,
  runId: z.string(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  config: runConfigSchema,
  plannedCells: count,
  /** What is compared, in the order asked for. A control never leads a comparison. `short`: at the head of a column. */
  selected: z.object({ modes: z.array(selected.extend({ short: z.string() })), sandboxes: z.array(selected) }),
  /** Published claims that selected scenarios stand for. */
  claims: z.array(z.object({ scenario: z.string(), text: z.string(), source: z.string(), profile: z.string() })),
  skipped: z.array(z.object({ what: z.string(), reason: z.string(), fix: z.string() })),
  /** Those that play it; records name them by their ids. */
  machines: z.array(machine),
  /** What prices, windows and modelled seconds come from. `toolLatency` gives the order of `ModelledTimes.totalSeconds`. */
  profiles: z.object({
    model: modelProfileSchema,
    /** The profiles that every record is restated under. */
    others: z.array(modelProfileSchema),
    speed: speedProfileSchema,
    toolLatency: toolLatencyProfileSchema,
  }),
  versions: z.record(z.string(), z.string()),
  /** Name, version and negotiated protocol revision of each catalogue server, with its number of tools. */
  catalogueServers: z.array(
    z.object({ name: z.string(), version: z.string(), protocol: z.string(), tools: count, refused: refusedTools }),
  ),
});
export type RunInfo = Readonlies<z.output<typeof runInfoSchema>>;

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
