/**
 * Seconds that a scripted run cannot measure: the model's and the network's. They come from dated profiles, are always
 * called modelled, and are never added to a measured time.
 */

import type {
  Counter,
  LedgerByTurn,
  ModelledTimes,
  Serialisation,
  SpeedProfile,
  ToolLatencyProfile,
  Turn,
} from "../../contract/index.ts";
import { blockTokens } from "./ledger/ledger.ts";

/** What a turn or a conversation waited for. */
interface Waits {
  /** Sequential tool waits: calls issued together count once. */
  readonly toolWaits: number;
  /** Seconds of waits that were asked for: the clock server's, a guest's timers. */
  readonly waitSeconds: number;
}

/** The dated facts that seconds are modelled from. */
interface TimeProfiles {
  readonly speed: SpeedProfile;
  readonly toolLatency: ToolLatencyProfile;
}

/**
 * The modelled times of one conversation. A turn takes the time to its first token, then what the cache did not hold
 * (cold column: uncached and written) at prefill speed, then its output at decode speed.
 */
export function modelledTimes(
  { turns }: Pick<LedgerByTurn, "turns">,
  { toolWaits, waitSeconds }: Waits,
  { speed, toolLatency }: TimeProfiles,
): ModelledTimes {
  let modelSeconds = 0;
  for (const { output, cold } of turns) {
    modelSeconds +=
      speed.timeToFirstTokenSeconds +
      (cold.uncached + cold.write) / speed.prefillTokensPerSecond +
      output / speed.decodeTokensPerSecond;
  }
  return {
    modelSeconds,
    waitSeconds,
    toolWaits,
    totalSeconds: toolLatency.millisecondsPerCall.map((ms) => modelSeconds + waitSeconds + (toolWaits * ms) / 1000),
  };
}

/**
 * Modelled seconds from one request to the next, for cache lifetimes: decoding the turn, its tool waits at the latency
 * profile's first figure, and its waits. It needs the turn alone, so a transcript gets its gaps while it is played,
 * before any ledger exists. Under several counters a transcript's gaps are those of the primary one.
 */
export function gapSeconds(
  content: Turn["content"],
  { toolWaits, waitSeconds }: Waits,
  {
    counter,
    serialisation,
    speed,
    toolLatency,
  }: TimeProfiles & { readonly counter: Counter; readonly serialisation: Serialisation },
): number {
  let outputTokens = 0;
  for (const block of content) outputTokens += blockTokens(block, counter, serialisation);
  const toolSeconds = (toolWaits * (toolLatency.millisecondsPerCall[0] ?? 0)) / 1000;
  return outputTokens / speed.decodeTokensPerSecond + toolSeconds + waitSeconds;
}
