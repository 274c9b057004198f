import { expect, it } from "vitest";
import { profile } from "../testing/profile.ts";
import { cost } from "./cost.ts";
import type { Ledger } from "./index.ts";

const totals: Ledger["totals"] = {
  peakContext: 999_999,
  billedInput: 1_000_000,
  billedOutput: 100_000,
  coldCacheRead: 500_000,
  coldCacheWrite: 400_000,
  coldUncached: 100_000,
  warmCacheRead: 800_000,
  warmCacheWrite: 100_000,
  warmUncached: 100_000,
};
const ledger: Ledger = {
  counter: "words",
  serialisation: "json",
  version: 1,
  table: {
    peakContext: {},
    billedInput: {},
    billedOutput: {},
    coldCacheRead: {},
    coldCacheWrite: {},
    coldUncached: {},
    warmCacheRead: {},
    warmCacheWrite: {},
    warmUncached: {},
  },
  totals,
  framingTokens: 0,
  exceedsWindowAt: null,
};

it("prices input, output, cache reads and cache writes apart", () => {
  const { uncachedUsd, coldUsd, warmUsd } = cost(ledger, profile);
  expect(uncachedUsd).toBeCloseTo(3 + 1.5, 12);
  expect(coldUsd).toBeCloseTo(0.3 + 0.4 * 3.75 + 0.5 * 0.3 + 1.5, 12);
  expect(warmUsd).toBeCloseTo(0.3 + 0.1 * 3.75 + 0.8 * 0.3 + 1.5, 12);
});

it("costs the same with and without a cache that held nothing", () => {
  const nothingCached = {
    ...totals,
    coldCacheRead: 0,
    coldCacheWrite: 0,
    coldUncached: 1_000_000,
    warmCacheRead: 0,
    warmCacheWrite: 0,
    warmUncached: 1_000_000,
  };
  const { uncachedUsd, coldUsd, warmUsd } = cost({ ...ledger, totals: nothingCached }, profile);
  expect([coldUsd, warmUsd]).toEqual([uncachedUsd, uncachedUsd]);
});
