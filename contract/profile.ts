import { z } from "zod";
import type { Readonlies } from "./json.ts";

const count = z.int().nonnegative();
/** `asOf`: ISO date on which the source was read. */
const dated = { id: z.string(), asOf: z.string(), source: z.string() };

/** A model's window, caching rules and prices: dated facts with their source. */
export const modelProfileSchema = z.object({
  ...dated,
  contextWindowTokens: count,
  maxOutputTokens: count,
  /**
   * Tokens of the tool-use prompt that the provider puts before every request with at least one tool, by tool choice;
   * `null`: not documented.
   */
  toolUsePromptTokens: z.object({ auto: count.nullable(), any: count.nullable() }),
  cache: z.object({
    minimumTokens: count,
    timeToLiveSeconds: z.number(),
    /** A breakpoint finds an earlier write at most this many blocks before it. */
    lookBackBlocks: count,
    readMultiplier: z.number(),
    writeMultiplier: z.number(),
  }),
  usdPerMillionInput: z.number(),
  usdPerMillionOutput: z.number(),
});
export type ModelProfile = Readonlies<z.output<typeof modelProfileSchema>>;

/** Modelled speed of a model. */
export const speedProfileSchema = z.object({
  ...dated,
  timeToFirstTokenSeconds: z.number(),
  prefillTokensPerSecond: z.number(),
  decodeTokensPerSecond: z.number(),
});
export type SpeedProfile = Readonlies<z.output<typeof speedProfileSchema>>;

/** Modelled latency of one tool call over a network. Each is shown; the first is the one used for cache lifetimes. */
export const toolLatencyProfileSchema = z.object({ ...dated, millisecondsPerCall: z.array(z.number()) });
export type ToolLatencyProfile = Readonlies<z.output<typeof toolLatencyProfileSchema>>;
