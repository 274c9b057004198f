import { z } from "zod";
import { outputSchemaChoices, policies } from "./mode.ts";
import { languages } from "./sandbox.ts";
import { serialisations } from "./serialisation.ts";
import { transports } from "./server.ts";

const ids = z.array(z.string()).readonly();
const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();

/** What a run was asked to do, after defaults and before anything is played. Plain JSON: it is written to `run.json`. */
export const runConfigSchema = z
  .object({
    /** Ids, or `!id` to leave one out; empty: the default selection. */
    scenarios: ids,
    modes: ids,
    /** The mode that every other way is compared with. */
    baseline: z.string(),
    /** Who writes the turns; empty: the default selection. */
    models: ids,
    /** What programs are written in, where a mode leaves the choice. */
    languages: z.array(z.enum(languages)).readonly(),
    sandboxes: ids,
    counters: ids,
    serialisations: z.array(z.enum(serialisations)).readonly(),
    /** What is compared; the first is the headline's. A mode plays those that it has. */
    policies: z.array(z.enum(policies)).readonly(),
    /** As `policies`. */
    outputSchemas: z.array(z.enum(outputSchemaChoices)).readonly(),
    /** Also play, on seed 1, every policy and choice of output schemas that is not compared: the ends of the bounds. */
    bounds: z.boolean(),
    /** `null`: the scenario's own tools only. */
    tools: z.array(count.nullable()).readonly(),
    /** `name=value` as given; checked against each selected scenario. */
    params: ids,
    seeds: count,
    repeat: count,
    /** Seed of the order in which cells are played. */
    orderSeed: z.int(),
    controls: z.boolean(),
    profile: z.string(),
    enforceWindow: z.boolean(),
    saveTranscripts: z.boolean(),
    /** What the mock servers are played over. It changes times, and neither tokens nor verdicts. */
    transport: z.enum(transports),
    catalogue: z.string().nullable(),
    /** For each catalogue server: to start, answer and list its tools. */
    catalogueTimeoutMs: milliseconds,
    limits: z.object({ memoryBytes: count, wallTimeMs: milliseconds, outputBytes: count, cellTimeMs: milliseconds }).readonly(),
  })
  .readonly();
export type RunConfig = z.output<typeof runConfigSchema>;

/** Something the selection named or implied that is not played, and why. */
export interface Skip {
  readonly what: string;
  readonly reason: string;
  readonly fix: string;
}
