/** What a run is asked to do where nothing else is said. */
import { defaultBaseline, type RunConfig, serialisations } from "../../contract/index.ts";
import { defaultModelProfile } from "../../fixtures/profiles.ts";

/** Beside each scenario with its own tools alone: as many definitions as a well-connected client has. */
export const defaultCatalogueTools = 400;

/** The defaults of the command `run`, with `changes` laid over them. A catalogue is played as it is, unless `tools` says otherwise. */
export function runConfig(changes: Partial<RunConfig> = {}): RunConfig {
  return {
    ...{ scenarios: [], modes: [], models: [], sandboxes: [], counters: [], params: [] },
    serialisations,
    baseline: defaultBaseline,
    languages: ["javascript"],
    policies: ["minimal"],
    outputSchemas: ["real"],
    bounds: true,
    tools: (changes.catalogue ?? null) === null ? [null, defaultCatalogueTools] : [null],
    seeds: 5,
    repeat: 1,
    orderSeed: 1,
    controls: true,
    profile: defaultModelProfile.id,
    enforceWindow: false,
    saveTranscripts: false,
    transport: "memory",
    catalogue: null,
    catalogueTimeoutMs: 30_000,
    limits: { memoryBytes: 256 * 2 ** 20, wallTimeMs: 30_000, outputBytes: 2 ** 20, cellTimeMs: 120_000 },
    ...changes,
  };
}
