import type { Cost, Ledger, Restatement, TokenItem, Transcript } from "./ledger.ts";
import type { OutputSchemas, Policy } from "./mode.ts";
import type { Activity } from "./sandbox.ts";
import type { Check, Params } from "./scenario.ts";
import type { WorldServer } from "./server.ts";

export const roles = ["figure", "bound", "self-control", "echo-control"] as const;
/** Why a cell is played: for the figures, as an end of their bounds, or as a control. */
export type Role = (typeof roles)[number];

/** What names a cell: two records with the same key describe the same work. */
export interface CellKey {
  readonly scenario: string;
  readonly params: Params;
  readonly mode: string;
  /** `null` in modes that use no sandbox. */
  readonly sandbox: string | null;
  readonly model: string;
  /** `null` in modes whose agent has no choice. */
  readonly policy: Policy | null;
  /** `null` in modes that do not show them. */
  readonly outputSchemas: OutputSchemas | null;
  /** Definitions visible to direct; `null`: the scenario's own only. */
  readonly tools: number | null;
  readonly seed: number;
  readonly repetition: number;
  readonly role: Role;
}

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
}

/** Parts that exist once a conversation was played to its end, well or badly. */
interface Played {
  readonly turns: number;
  /** The scenario's own servers, in its order. A revision is negotiated for every connection anew. */
  readonly servers: readonly ServerUse[];
  /** One for each selected counter and serialisation; the first is primary. */
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
  /** SHA-256 of the transcript's canonical JSON: equal work, equal hash. */
  readonly transcriptSha256: string;
}

/** What one cell measured. Branch on `status`; nothing is filled in with zeros. */
export type CellRecord = RecordBase &
  (
    | ({ readonly status: "passed"; readonly measured: MeasuredTimes } & Played)
    | ({ readonly status: "failed" } & Played)
    | { readonly status: "context-exceeded"; readonly turn: number; readonly tokens: number; readonly windowTokens: number }
    | { readonly status: "limit-exceeded"; readonly limit: string; readonly message: string }
    | {
        readonly status: "model-error" | "sandbox-unavailable" | "harness-error";
        readonly code: string;
        readonly message: string;
      }
  );

export type CellStatus = CellRecord["status"];

/** One file of `transcripts/`: a cell's conversation, whole, so that anyone can count it again. */
export interface SavedTranscript {
  readonly key: CellKey;
  /** Id of the model profile that the record's figures were made under. */
  readonly profile: string;
  /** Tokens of that profile's tool-use prompt in each request with tools; `null`: not documented, and not counted. */
  readonly framingTokens: number | null;
  readonly transcript: Transcript;
}
