import { z } from "zod";
import { type CellKey, cellKey } from "./axes.ts";
import type { Readonlies } from "./json.ts";
import { costSchema, ledgerSchema, restatementSchema, type Transcript, tokenItemSchema } from "./ledger.ts";
import { transports } from "./server.ts";
import { useKinds } from "./treatment.ts";

/** Raised whenever a field changes its meaning, appears or disappears. */
export const RECORD_SCHEMA_VERSION = 4;

/** Of a record, and of `run.json`. */
export const schemaVersion = z.number().refine((version): boolean => version === RECORD_SCHEMA_VERSION);

const count = z.int().nonnegative();
const positive = z.number().nonnegative();

/** Milliseconds as measured; `null` where the cell did not get that far or has no such part. Failures have no time. */
const measured = z.object({
  /** Playing the conversation: turns, tool calls, programs. */
  playMs: positive,
  /** The part of `playMs` spent in tool calls through the bridge, summed over calls. */
  bridgeCallMs: positive,
  sandboxOpenMs: positive.nullable(),
  sandboxRunMs: positive.nullable(),
  /** This was the process's first open of that backend, which includes loading it. */
  firstOpen: z.boolean(),
});

/** Seconds as modelled from dated profiles, never measured. */
const modelled = z.object({
  modelSeconds: positive,
  waitSeconds: positive,
  /** Sequential tool waits: multiply by a latency to model remote tools. */
  toolWaits: count,
  /** `modelSeconds + waitSeconds + toolWaits x latency`, one for each latency of the profile, in its order. */
  totalSeconds: z.array(positive),
});
export type ModelledTimes = Readonlies<z.output<typeof modelled>>;

/** Calls of one tool in one cell. */
const calls = z.object({
  ...{ server: z.string(), tool: z.string() },
  ...{ calls: count, errors: count, argumentBytes: count, resultBytes: count },
});
export type ToolCallCount = Readonly<z.output<typeof calls>>;

/** One conversation of a cell. An agent that others work for has one, and each of those has its own. */
const context = z.object({
  /** `main`, or what the sub-agent is called. */
  agent: z.string(),
  turns: count,
  /** As the record's, without the causes. */
  ledgers: z.array(ledgerSchema.pick({ counter: true, serialisation: true, totals: true, exceedsWindowAt: true })),
  /** SHA-256 of the transcript's canonical JSON: equal work, equal hash. */
  transcriptSha256: z.string(),
});

const base = {
  schemaVersion,
  key: cellKey,
  /** Id of the machine that played it, one of those in `run.json`. Times of different machines are never pooled. */
  machine: z.string(),
};

/** Parts that exist once a cell was played to its end, well or badly. */
const played = {
  ...base,
  /** In the order in which they were played; each is conversations over one sandbox session. */
  episodes: z.array(z.object({ contexts: z.array(context) })),
  treatment: z.object({
    uses: z.partialRecord(z.enum(useKinds), count),
    ...{ callsFromPrograms: count, definitionsFetched: count },
  }),
  /** Of all contexts. */
  turns: count,
  /** How the scenario's own servers were reached, in its order. `protocol`: the negotiated revision, e.g. `2026-07-28`. */
  servers: z.array(z.object({ server: z.string(), transport: z.enum([...transports, "sse"]), protocol: z.string() })),
  /**
   * One for each selected counter and serialisation; the first is primary. Over all contexts: what is billed is added up,
   * and `peakContext` is that of the context with the highest.
   */
  ledgers: z.array(ledgerSchema),
  /** The primary ledger's conversation without framing, and under each other profile. */
  restatements: z.array(restatementSchema),
  /** The primary ledger by tool and named block. */
  items: z.array(tokenItemSchema),
  cost: costSchema,
  checks: z.array(z.object({ id: z.string(), passed: z.boolean(), detail: z.string() })),
  calls: z.array(calls),
  activity: z.object({ calls: count, callWaves: count, virtualWaitMs: positive }),
  modelled,
};

/** What one cell measured. Branch on `status`; nothing is filled in with zeros. */
export const cellRecordSchema = z.discriminatedUnion("status", [
  z.object({ ...played, status: z.literal("passed"), measured }),
  z.object({ ...played, status: z.literal("failed") }),
  /** It passed, and what its mode is there for did not happen once: it says nothing about the mode, and gives no figure. */
  z.object({ ...played, status: z.literal("void") }),
  z.object({ ...base, status: z.literal("context-exceeded"), turn: count, tokens: count, windowTokens: count }),
  z.object({ ...base, status: z.literal("limit-exceeded"), limit: z.string(), message: z.string() }),
  z.object({
    ...base,
    status: z.enum(["model-error", "sandbox-unavailable", "harness-error"]),
    ...{ code: z.string(), message: z.string() },
  }),
]);
export type CellRecord = Readonlies<z.output<typeof cellRecordSchema>>;

/** A record of conversations that were played to their end. */
export type PlayedRecord = Extract<CellRecord, { readonly status: "passed" | "failed" | "void" }>;

export function wasPlayed(record: CellRecord): record is PlayedRecord {
  return record.status === "passed" || record.status === "failed" || record.status === "void";
}

export type CellStatus = CellRecord["status"];

/** One conversation, whole. */
export interface SavedContext {
  readonly agent: string;
  /** Tokens of the profile's tool-use prompt in each request with tools; `null`: not documented, and not counted. */
  readonly framingTokens: number | null;
  readonly transcript: Transcript;
}

/** One file of `transcripts/`: a cell's conversations, so that anyone can count them again. */
export interface SavedTranscript {
  readonly key: CellKey;
  /** Id of the model profile that the record's figures were made under. */
  readonly profile: string;
  readonly episodes: readonly { readonly contexts: readonly SavedContext[] }[];
}
