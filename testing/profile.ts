/** A model profile for tests, of the size of a real one. */
import type { ModelProfile } from "../contract/index.ts";

export const profile: ModelProfile = {
  id: "test",
  asOf: "2025-01-01",
  source: "made up",
  contextWindowTokens: 200_000,
  maxOutputTokens: 64_000,
  toolUsePromptTokens: { auto: 0, any: 0 },
  cache: { minimumTokens: 1_024, timeToLiveSeconds: 300, lookBackBlocks: 20, readMultiplier: 0.1, writeMultiplier: 1.25 },
  usdPerMillionInput: 3,
  usdPerMillionOutput: 15,
};
