import { z } from "zod";
import type { Readonlies } from "./json.ts";
import type { Message, Shown, ToolChoice } from "./message.ts";
import { serialisations } from "./serialisation.ts";

const count = z.int().nonnegative();

/** Why a token was there. */
export const causes = [
  "system",
  "toolDefinitions",
  "framing",
  "instructions",
  "prompt",
  "narration",
  "thinking",
  "toolCalls",
  "toolResults",
  "discovery",
  "code",
  "codeOutput",
  "handoff",
  "answer",
] as const;
export type Cause = (typeof causes)[number];

/** What is summed. Cache measures come twice: `cold` starts with nothing cached, `warm` with tools and system cached. */
export const measures = [
  "peakContext",
  "billedInput",
  "billedOutput",
  "coldCacheRead",
  "coldCacheWrite",
  "coldUncached",
  "warmCacheRead",
  "warmCacheWrite",
  "warmUncached",
] as const;
export type Measure = (typeof measures)[number];

/** Tokens, by cause. Causes with no token are left out. */
export type CauseTable = { readonly [C in Cause]?: number };

/** Tokens of one model turn. */
export interface TurnTokens {
  readonly input: number;
  readonly output: number;
  readonly cold: { readonly read: number; readonly write: number; readonly uncached: number };
  readonly warm: { readonly read: number; readonly write: number; readonly uncached: number };
}

/** Where one conversation's tokens went, under one counter and serialisation. Every row of `table` adds up to its total. */
export const ledgerSchema = z.object({
  counter: z.string(),
  serialisation: z.enum(serialisations),
  /** Bumped when a rule of counting changes; figures of different versions are never compared. */
  version: count,
  table: z.record(z.enum(measures), z.partialRecord(z.enum(causes), count)),
  totals: z.record(z.enum(measures), count),
  /** Tokens of the provider's tool-use prompt, counted in each request with tools; `null`: not documented, and not counted. */
  framingTokens: count.nullable(),
  /** The first turn (from 0) whose context or output exceeds the profile's window; `null`: it fits. */
  exceedsWindowAt: count.nullable(),
});
export type Ledger = Readonlies<z.output<typeof ledgerSchema>>;

/** A ledger while its transcript is at hand. Records leave the turns out; to get them, count the transcript again. */
export interface LedgerByTurn extends Ledger {
  readonly turns: readonly TurnTokens[];
}

/** US dollars for a whole conversation: without a cache, with one that was empty, and with one that held tools and system. */
export const costSchema = z.object({ uncachedUsd: z.number(), coldUsd: z.number(), warmUsd: z.number() });
export type Cost = Readonly<z.output<typeof costSchema>>;

/** The primary ledger's figures under other facts about the model: another profile, or no framing. */
export const restatementSchema = ledgerSchema.pick({ totals: true, framingTokens: true, exceedsWindowAt: true }).extend({
  /** `withoutFraming`, or a model profile's id. */
  id: z.string(),
  cost: costSchema,
});
export type Restatement = Readonlies<z.output<typeof restatementSchema>>;

/** The restatement in which the provider's tool-use prompt counts nothing, under the run's own profile. */
export const withoutFraming = "without-framing";

/** The measures that are also broken down by tool and block. */
export const itemMeasures = ["peakContext", "billedInput", "billedOutput"] as const satisfies readonly Measure[];
export type ItemMeasure = (typeof itemMeasures)[number];

/** One tool or named block under one cause. A cause's items add up to its figures in the ledger's table. */
export const tokenItemSchema = z.object({
  cause: z.enum(causes),
  /**
   * The tool (`<server>__<tool>`; `<server>__*` for all tools of a server that is never called, in a large catalogue),
   * a program's label, the server whose instructions it is, or empty for other text that no tool use wrote.
   */
  name: z.string(),
  ...{ peakContext: count, billedInput: count, billedOutput: count },
});
export type TokenItem = Readonly<z.output<typeof tokenItemSchema>>;

/** Counts tokens of ordinary text: special-token spellings are text like any other. Deterministic; never throws on any string. */
export interface Counter {
  readonly id: string;
  readonly title: string;
  /** Library and version. */
  readonly version: string;
  /** `true`: not the vocabulary of the model that the prices are for. */
  readonly estimate: boolean;
  count(text: string): number;
}

/** One turn of a transcript: which messages it saw, and what each of its blocks is. */
export interface TranscriptTurn {
  /** The request carried `messages[0 .. messagesSeen)`; the turn itself is `messages[messagesSeen]`. */
  readonly messagesSeen: number;
  /** Modelled seconds from this request to the next: decoding, tool latency and waits. For cache lifetimes. */
  readonly gapSeconds: number;
  /** Where this request showed something else than the one before it: all that it showed. It holds until a turn says otherwise. */
  readonly shown?: Shown;
}

/**
 * One conversation, enough to rebuild every request and to recount it with another tokenizer. Its system and tools are
 * those of the first request.
 */
export interface Transcript extends Shown {
  /** Of every request. */
  readonly toolChoice: ToolChoice;
  readonly messages: readonly Message[];
  /** `causes[m][b]` is the cause of block b of message m. */
  readonly causes: readonly (readonly Cause[])[];
  /** What a script calls its tool uses, by their ids. Never part of a request. */
  readonly labels?: { readonly [toolUseId: string]: string };
  readonly turns: readonly TranscriptTurn[];
}
