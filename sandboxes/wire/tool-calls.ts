/**
 * The host's end of a guest's tool calls, for one run. What comes from the guest is untrusted: shapes, sizes and depth
 * are checked before anything is parsed, and nothing here rejects or throws.
 */
import type { GuestBridge, JsonObject } from "../../contract/index.ts";

/** Levels of nesting that may cross in either direction; engines' own parsers and writers overflow at a few thousand. */
const maxJsonDepth = 500;

/** One call as a guest sent it. */
export interface GuestCall {
  readonly id: number;
  readonly server: string;
  readonly tool: string;
  /** A JSON object as text. */
  readonly inputJson: string;
}

/** What goes back. `json` is structured content, else `text` holds the result or the reason. */
export interface GuestReply {
  readonly id: number;
  readonly ok: boolean;
  readonly json?: string;
  readonly text: string;
}

/** True when JSON text nests deeper than `limit`. Brackets inside strings do not count. */
export function isDeeperThan(json: string, limit: number): boolean {
  if (json.length <= 2 * limit) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (inString) {
      if (unit === 0x5c) i++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > limit) return true;
    } else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return false;
}

function isGuestCall(value: unknown): value is GuestCall {
  const call = value as Partial<Record<keyof GuestCall, unknown>> | null;
  return (
    typeof call === "object" &&
    call !== null &&
    Number.isSafeInteger(call.id) &&
    typeof call.server === "string" &&
    typeof call.tool === "string" &&
    typeof call.inputJson === "string"
  );
}

/** Carries out one call. `undefined`: not a call at all, and nothing to answer. */
export async function answerCall(value: unknown, bridge: GuestBridge, signal: AbortSignal): Promise<GuestReply | undefined> {
  if (!isGuestCall(value)) return undefined;
  const { id, server, tool, inputJson } = value;
  const refuse = (text: string): GuestReply => ({ id, ok: false, text });
  try {
    if (isDeeperThan(inputJson, maxJsonDepth)) {
      return refuse(`The input of ${server}/${tool} is nested more than ${maxJsonDepth} levels deep`);
    }
    const input: unknown = JSON.parse(inputJson);
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      return refuse(`The input of ${server}/${tool} must be a JSON object`);
    }
    const reply = await bridge.call(server, tool, input as JsonObject, signal);
    if (reply.status !== "ok") return refuse(reply.text);
    if (reply.structured === undefined) return { id, ok: true, text: reply.text };
    const json = JSON.stringify(reply.structured);
    if (isDeeperThan(json, maxJsonDepth)) {
      return refuse(`The result of ${server}/${tool} is nested more than ${maxJsonDepth} levels deep`);
    }
    return { id, ok: true, json, text: "" };
  } catch (error) {
    // A bridge should never reject. If it does, or a result cannot be written as JSON, the program gets the failure.
    return refuse(error instanceof Error ? error.message : String(error));
  }
}
