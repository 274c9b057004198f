import type { JsonObject } from "./json.ts";
import type { ToolDefinition } from "./tool.ts";

/** Key of a result's `_meta` under which a clock server says how many seconds it let pass in virtual time. */
export const virtualWaitKey = "mcp-code-bench/virtualWaitSeconds";

/** One tool call's answer. It never rejects for anything a server or a guest did. */
export type CallReply =
  | {
      readonly status: "ok";
      /** What direct mode shows the model: text blocks joined by a newline, else structured content as compact JSON. */
      readonly text: string;
      /** Present when the tool declares an output schema and the server sent structured content; code wrappers return it, else `text`. */
      readonly structured?: JsonObject;
      /** Seconds that a clock server says it let pass in virtual time, from the result's `_meta`. */
      readonly virtualWaitSeconds?: number;
    }
  | {
      /** `tool-error`: the tool ran and said isError. `denied`: not granted. `too-large`: a size limit. `failed`: protocol error, dead server, time-out. */
      readonly status: "tool-error" | "denied" | "too-large" | "failed";
      readonly text: string;
    };

/** One call as the host saw it. Times are milliseconds on the host's monotonic clock. */
export interface CallLogEntry {
  readonly server: string;
  readonly tool: string;
  readonly status: CallReply["status"];
  readonly argumentBytes: number;
  readonly resultBytes: number;
  readonly durationMs: number;
}

export interface BridgeLimits {
  /** UTF-8 bytes of the arguments as JSON. */
  readonly maxArgumentBytes: number;
  /** UTF-8 bytes of a result's text. */
  readonly maxResultBytes: number;
  /** Calls in flight at once; further ones wait. */
  readonly maxConcurrentCalls: number;
  /** Calls in one cell; further ones are denied. */
  readonly maxCalls: number;
}

/** A server's `instructions`, as received. */
export interface ServerInstructions {
  readonly server: string;
  readonly text: string;
}

/** The host side of tool calls. Modes lend it to a sandbox session for the length of one run. */
export interface Bridge {
  /** Every tool of every connected server, in server order, then the server's own order. */
  readonly tools: readonly ToolDefinition[];
  /** What the connected servers say of themselves when a client connects, in server order; those that say nothing are left out. */
  readonly instructions: readonly ServerInstructions[];
  call(server: string, tool: string, input: JsonObject, signal?: AbortSignal): Promise<CallReply>;
  /** All calls so far, in completion order. */
  readonly log: readonly CallLogEntry[];
}

/** The part of a bridge that a sandbox needs. Everything a guest sends is untrusted. */
export type GuestBridge = Pick<Bridge, "call">;
