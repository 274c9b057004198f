import type { ToolChoice } from "./message.ts";

/** A model's window, caching rules and prices: dated facts with their source. */
export interface ModelProfile {
  readonly id: string;
  readonly asOf: string;
  readonly source: string;
  readonly contextWindowTokens: number;
  readonly maxOutputTokens: number;
  /**
   * Tokens of the tool-use prompt that the provider puts before every request with at least one tool, by tool choice;
   * `null`: not documented.
   */
  readonly toolUsePromptTokens: { readonly [C in ToolChoice]: number | null };
  readonly cache: {
    readonly minimumTokens: number;
    readonly timeToLiveSeconds: number;
    /** A breakpoint finds an earlier write at most this many blocks before it. */
    readonly lookBackBlocks: number;
    readonly readMultiplier: number;
    readonly writeMultiplier: number;
  };
  readonly usdPerMillionInput: number;
  readonly usdPerMillionOutput: number;
}

/** Modelled speed of a model. */
export interface SpeedProfile {
  readonly id: string;
  readonly asOf: string;
  readonly source: string;
  readonly timeToFirstTokenSeconds: number;
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
}

/** Modelled latency of one tool call over a network. */
export interface ToolLatencyProfile {
  readonly id: string;
  readonly asOf: string;
  readonly source: string;
  /** Each is shown; the first is the one used for cache lifetimes. */
  readonly millisecondsPerCall: readonly number[];
}
