import type { CellKey } from "./axes.ts";
import type { Cost, Ledger, Restatement, TokenItem, Transcript } from "./ledger.ts";
import type { Activity } from "./sandbox.ts";
import type { Check } from "./scenario.ts";
import type { WorldServer } from "./server.ts";
import type { Treatment } from "./treatment.ts";

/** Milliseconds as measured; `null` where the cell did not get that far or has no such part. Failures have no time. */
export interface MeasuredTimes {
  /** Playing the conversation: turns, tool calls, programs. */
  readonly playMs: number;
  /** The part of `playMs` spent in tool calls through the bridge, summed over calls. */
  readonly bridgeCallMs: number;
  readonly sandboxOpenMs: number | null;
  readonly sandboxRunMs: number | null;
  /** This was the process's first open of that backend, which includes loading it. */
  readonly firstOpen: boolean;
}

/** Seconds as modelled from dated profiles, never measured. */
export interface ModelledTimes {
  readonly modelSeconds: number;
  readonly waitSeconds: number;
  /** Sequential tool waits: multiply by a latency to model remote tools. */
  readonly toolWaits: number;
  /** `modelSeconds + waitSeconds + toolWaits x latency`, one for each latency of the profile, in its order. */
  readonly totalSeconds: readonly number[];
}

/** Calls of one tool in one cell. */
export interface ToolCallCount {
  readonly server: string;
  readonly tool: string;
  readonly calls: number;
  readonly errors: number;
  readonly argumentBytes: number;
  readonly resultBytes: number;
}

/** How one of the scenario's own servers was reached. */
export interface ServerUse {
  readonly server: string;
  readonly transport: WorldServer["transport"];
  /** The negotiated protocol revision, e.g. `2026-07-28`. */
  readonly protocol: string;
}

interface RecordBase {
  readonly schemaVersion: number;
  readonly key: CellKey;
  /** Id of the machine that played it, one of those in `run.json`. Times of different machines are never pooled. */
  readonly machine: string;
}

/** One conversation of a cell. An agent that others work for has one, and each of those has its own. */
export interface ContextRecord {
  /** `main`, or what the sub-agent is called. */
  readonly agent: string;
  readonly turns: number;
  /** As the record's, without the causes. */
  readonly ledgers: readonly Pick<Ledger, "counter" | "serialisation" | "totals" | "exceedsWindowAt">[];
  /** SHA-256 of the transcript's canonical JSON: equal work, equal hash. */
  readonly transcriptSha256: string;
}

/** Conversations over one sandbox session. */
export interface EpisodeRecord {
  readonly contexts: readonly ContextRecord[];
}

/** Parts that exist once a cell was played to its end, well or badly. */
interface Played {
  /** In the order in which they were played. */
  readonly episodes: readonly EpisodeRecord[];
  readonly treatment: Treatment;
  /** Of all contexts. */
  readonly turns: number;
  /** The scenario's own servers, in its order. A revision is negotiated for every connection anew. */
  readonly servers: readonly ServerUse[];
  /**
   * One for each selected counter and serialisation; the first is primary. Over all contexts: what is billed is added up,
   * and `peakContext` is that of the context with the highest.
   */
  readonly ledgers: readonly Ledger[];
  /** The primary ledger's conversation without framing, and under each other profile. */
  readonly restatements: readonly Restatement[];
  /** The primary ledger by tool and named block. */
  readonly items: readonly TokenItem[];
  readonly cost: Cost;
  readonly checks: readonly Check[];
  readonly calls: readonly ToolCallCount[];
  readonly activity: Pick<Activity, "calls" | "callWaves" | "virtualWaitMs">;
  readonly modelled: ModelledTimes;
}

/** What one cell measured. Branch on `status`; nothing is filled in with zeros. */
export type CellRecord = RecordBase &
  (
    | ({ readonly status: "passed"; readonly measured: MeasuredTimes } & Played)
    | ({ readonly status: "failed" } & Played)
    /** It passed, and what its mode is there for did not happen once: it says nothing about the mode, and gives no figure. */
    | ({ readonly status: "void" } & Played)
    | { readonly status: "context-exceeded"; readonly turn: number; readonly tokens: number; readonly windowTokens: number }
    | { readonly status: "limit-exceeded"; readonly limit: string; readonly message: string }
    | {
        readonly status: "model-error" | "sandbox-unavailable" | "harness-error";
        readonly code: string;
        readonly message: string;
      }
  );

/** A record of conversations that were played to their end. */
export type PlayedRecord = Extract<CellRecord, Played>;

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
