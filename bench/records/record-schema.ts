/**
 * The shape of what a run leaves on disk. Records are read back long after they were written, and not always by the
 * version that wrote them, so they are checked field by field; the check at the end holds schema and types together.
 */
import { z } from "zod";
import {
  type CellRecord,
  causes,
  cellKey,
  measures,
  type RunInfo,
  runConfigSchema,
  serialisations,
  transports,
  useKinds,
} from "../../contract/index.ts";

export const RUN_FILE = "run.json";
export const RECORDS_FILE = "records.jsonl";

/** Raised whenever a field changes its meaning, appears or disappears. */
export const RECORD_SCHEMA_VERSION = 4;

/** Of a record, and of `run.json`. */
export const schemaVersion = z.number().refine((version): boolean => version === RECORD_SCHEMA_VERSION);
const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const causeTable = z.partialRecord(z.enum(causes), count);
const ledger = z.object({
  counter: z.string(),
  serialisation: z.enum(serialisations),
  version: count,
  table: z.record(z.enum(measures), causeTable),
  totals: z.record(z.enum(measures), count),
  framingTokens: count.nullable(),
  exceedsWindowAt: count.nullable(),
});
const cost = z.object({ uncachedUsd: z.number(), coldUsd: z.number(), warmUsd: z.number() });
const restatement = ledger.pick({ totals: true, framingTokens: true, exceedsWindowAt: true }).extend({ id: z.string(), cost });

export const tokenItem = z.object({
  cause: z.enum(causes),
  name: z.string(),
  peakContext: count,
  billedInput: count,
  billedOutput: count,
});

const context = z.object({
  agent: z.string(),
  turns: count,
  ledgers: z.array(ledger.pick({ counter: true, serialisation: true, totals: true, exceedsWindowAt: true })),
  transcriptSha256: z.string(),
});

const base = { schemaVersion, key: cellKey, machine: z.string() };
const played = {
  episodes: z.array(z.object({ contexts: z.array(context) })),
  treatment: z.object({
    uses: z.partialRecord(z.enum(useKinds), count),
    callsFromPrograms: count,
    definitionsFetched: count,
  }),
  turns: count,
  servers: z.array(z.object({ server: z.string(), transport: z.enum([...transports, "sse"]), protocol: z.string() })),
  ledgers: z.array(ledger),
  restatements: z.array(restatement),
  items: z.array(tokenItem),
  cost,
  checks: z.array(z.object({ id: z.string(), passed: z.boolean(), detail: z.string() })),
  calls: z.array(
    z.object({
      server: z.string(),
      tool: z.string(),
      calls: count,
      errors: count,
      argumentBytes: count,
      resultBytes: count,
    }),
  ),
  activity: z.object({ calls: count, callWaves: count, virtualWaitMs: milliseconds }),
  modelled: z.object({
    modelSeconds: z.number().nonnegative(),
    waitSeconds: z.number().nonnegative(),
    toolWaits: count,
    totalSeconds: z.array(z.number().nonnegative()),
  }),
};
const measured = z.object({
  playMs: milliseconds,
  bridgeCallMs: milliseconds,
  sandboxOpenMs: milliseconds.nullable(),
  sandboxRunMs: milliseconds.nullable(),
  firstOpen: z.boolean(),
});

export const cellRecord = z.discriminatedUnion("status", [
  z.object({ ...base, ...played, status: z.literal("passed"), measured }),
  z.object({ ...base, ...played, status: z.enum(["failed", "void"]) }),
  z.object({ ...base, status: z.literal("context-exceeded"), turn: count, tokens: count, windowTokens: count }),
  z.object({ ...base, status: z.literal("limit-exceeded"), limit: z.string(), message: z.string() }),
  z.object({
    ...base,
    status: z.enum(["model-error", "sandbox-unavailable", "harness-error"]),
    code: z.string(),
    message: z.string(),
  }),
]);

const skip = z.object({ what: z.string(), reason: z.string(), fix: z.string() });
const dated = { id: z.string(), asOf: z.string(), source: z.string() };

const selected = z.object({ id: z.string(), control: z.boolean() });
const modelProfile = z.object({
  ...dated,
  contextWindowTokens: count,
  maxOutputTokens: count,
  toolUsePromptTokens: z.object({ auto: count.nullable(), any: count.nullable() }),
  cache: z.object({
    minimumTokens: count,
    timeToLiveSeconds: z.number(),
    lookBackBlocks: count,
    readMultiplier: z.number(),
    writeMultiplier: z.number(),
  }),
  usdPerMillionInput: z.number(),
  usdPerMillionOutput: z.number(),
});

export const runInfo = z.object({
  schemaVersion,
  runId: z.string(),
  startedAt: z.string(),
  config: runConfigSchema,
  plannedCells: count,
  selected: z.object({ modes: z.array(selected.extend({ short: z.string() })), sandboxes: z.array(selected) }),
  claims: z.array(z.object({ scenario: z.string(), text: z.string(), source: z.string(), profile: z.string() })),
  skipped: z.array(skip),
  machines: z.array(
    z.object({
      ...{ id: z.string(), node: z.string(), platform: z.string(), arch: z.string() },
      ...{ cpu: z.string(), cpus: count, memoryBytes: count },
    }),
  ),
  profiles: z.object({
    model: modelProfile,
    others: z.array(modelProfile),
    speed: z.object({
      ...dated,
      timeToFirstTokenSeconds: z.number(),
      prefillTokensPerSecond: z.number(),
      decodeTokensPerSecond: z.number(),
    }),
    toolLatency: z.object({ ...dated, millisecondsPerCall: z.array(z.number()) }),
  }),
  versions: z.record(z.string(), z.string()),
  catalogueServers: z.array(
    z.object({
      ...{ name: z.string(), version: z.string(), protocol: z.string(), tools: count },
      refused: z.object({ tools: count, examples: z.array(z.string()) }),
    }),
  ),
});

/** As read: nothing is changed afterwards, so the types say readonly all the way down. */
type Readonlies<T> = T extends readonly (infer E)[]
  ? readonly Readonlies<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Readonlies<T[K]> }
    : T;

/** `true` when both types accept the same values; a mismatch makes the lines below not compile. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
true satisfies Same<Readonlies<z.output<typeof cellRecord>>, CellRecord>;
true satisfies Same<Readonlies<z.output<typeof runInfo>>, RunInfo>;
