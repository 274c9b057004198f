import type { Cost, Ledger, ModelProfile } from "./index.ts";

/** US dollars of a conversation at the profile's dated prices: without a cache, and with one that was empty or filled before. */
export function cost({ totals }: Pick<Ledger, "totals">, { cache, usdPerMillionInput, usdPerMillionOutput }: ModelProfile): Cost {
  const usd = (inputTokens: number): number =>
    (inputTokens * usdPerMillionInput + totals.billedOutput * usdPerMillionOutput) / 1_000_000;
  const cached = (read: number, write: number, uncached: number): number =>
    usd(uncached + write * cache.writeMultiplier + read * cache.readMultiplier);
  return {
    uncachedUsd: usd(totals.billedInput),
    coldUsd: cached(totals.coldCacheRead, totals.coldCacheWrite, totals.coldUncached),
    warmUsd: cached(totals.warmCacheRead, totals.warmCacheWrite, totals.warmUncached),
  };
}
