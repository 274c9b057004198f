/**
 * The tool calls of one run, as the host answers them. What comes from the guest is untrusted: its size, depth and number
 * of values are checked before it is parsed, and all calls without an answer together may cost no more than the session's
 * memory. Nothing here rejects or throws.
 */
import type { GuestBridge, Json, JsonObject } from "../../../contract/index.ts";
import { maxDepth, maxInputBytes, maxInputValues } from "../../guest/limits.ts";
import type { GuestCall, GuestReply } from "../../wire/messages.ts";
import { measureJson } from "../session/measure-json.ts";

/** What a call without an answer counts for, in bytes, beside its input: what holds it, and each parsed value. */
const callBytes = 1_024;
const valueBytes = 64;

export interface RunCalls {
  /** Answers them. `false`: these cannot be calls of our runner. */
  take(calls: readonly GuestCall[], more: boolean): boolean;
  /** Calls that were issued, and times that a program issued some while none was without an answer. */
  readonly counts: { readonly calls: number; readonly callWaves: number };
}

export interface RunCallsOptions {
  readonly bridge: GuestBridge;
  readonly signal: AbortSignal;
  /** What calls without an answer may cost together, in bytes. */
  readonly memoryBytes: number;
  /** Not called once `signal` is aborted. */
  reply(reply: GuestReply): void;
  /** They cost more than they may. */
  overMemory(): void;
}

export function runCalls({ bridge, signal, memoryBytes, reply, overMemory }: RunCallsOptions): RunCalls {
  const inFlight = new Set<number>();
  const counts = { calls: 0, callWaves: 0 };
  let costBytes = 0;
  /** Calls of a program that has not said all that it issued at once. They are answered when it has: none can wait for them. */
  let held: Held[] = [];

  const turns = shortTurns();
  const answer = async ({ call, facts, cost }: Held) => {
    const found = facts.fault === undefined ? await bridged(call, bridge, signal) : refusal(call, faultText[facts.fault]);
    for (let next = turns.full(); next !== undefined; next = turns.full()) await next;
    costBytes -= cost;
    inFlight.delete(call.id);
    if (signal.aborted) return;
    const written = "text" in found ? found : writtenReply(call, found.structured);
    turns.used(written.text.length);
    reply(written);
  };

  return {
    counts,
    take(calls, more) {
      const wave = inFlight.size === 0;
      for (const call of calls) {
        if (inFlight.has(call.id) || call.inputJson.length > maxInputBytes) return false;
        inFlight.add(call.id);
      }
      if (wave) counts.callWaves++;
      for (const call of calls) {
        counts.calls++;
        const facts = measureJson(call.inputJson, maxDepth, maxInputValues);
        const cost = callBytes + call.inputJson.length + valueBytes * facts.values;
        costBytes += cost;
        if (costBytes > memoryBytes) {
          overMemory();
          return true;
        }
        held.push({ call, facts, cost });
      }
      if (more) return true;
      const issued = held;
      held = [];
      for (const one of issued) void answer(one);
      return true;
    },
  };
}

interface Held {
  readonly call: GuestCall;
  readonly facts: ReturnType<typeof measureJson>;
  readonly cost: number;
}

const faultText = {
  depth: `is nested more than ${maxDepth} levels deep`,
  values: `holds more than ${maxInputValues} values`,
} as const;

const refusal = ({ id, server, tool }: GuestCall, why: string): GuestReply => ({
  id,
  kind: "refused",
  text: `The input of ${server}/${tool} ${why}`,
});

/** UTF-16 units of results that are written in one turn of the event loop, but for the last. */
const turnLength = 2 ** 20;

/** Units of a result that take no time. */
const smallLength = 2 ** 14;

/** Many large results that arrive at once are written one after another, so that they do not hold up the host. */
function shortTurns() {
  let length = 0;
  let next: Promise<void> | undefined;
  const afterThis = () =>
    new Promise<void>((resolve) =>
      setImmediate(() => {
        length = 0;
        next = undefined;
        resolve();
      }),
    );
  return {
    /** Resolves with the next turn; `undefined`: this one has room. */
    full(): Promise<void> | undefined {
      if (length <= turnLength) return undefined;
      next ??= afterThis();
      return next;
    },
    used(more: number) {
      if (more < smallLength) return;
      length += more;
      // What came in turns of its own counts no longer.
      next ??= afterThis();
    },
  };
}

/** A reply, or structured content that is to be written as one. */
type Found = GuestReply | { readonly structured: Json };

function writtenReply(call: GuestCall, structured: Json): GuestReply {
  const { id, server, tool } = call;
  try {
    const json = JSON.stringify(structured);
    if (measureJson(json, maxDepth, Number.POSITIVE_INFINITY).fault === undefined) return { id, kind: "json", text: json };
    return { id, kind: "refused", text: `The result of ${server}/${tool} ${faultText.depth}` };
  } catch {
    // Nothing that came as JSON.
    return failed(call);
  }
}

const failed = ({ id, server, tool }: GuestCall): GuestReply => ({
  id,
  kind: "refused",
  text: `The call of ${server}/${tool} failed`,
});

async function bridged(call: GuestCall, bridge: GuestBridge, signal: AbortSignal): Promise<Found> {
  const { id, server, tool, inputJson } = call;
  const refuse = (text: string): GuestReply => ({ id, kind: "refused", text });
  try {
    const input = parsed(inputJson);
    if (typeof input !== "object" || input === null || Array.isArray(input)) return refusal(call, "must be a JSON object");
    const reply = await bridge.call(server, tool, input as JsonObject, signal);
    if (reply.status !== "ok") return refuse(reply.text);
    return reply.structured === undefined ? { id, kind: "text", text: reply.text } : { structured: reply.structured };
  } catch {
    // A bridge never rejects. If it does, that is a fault of the harness, whose words are no business of a guest's.
    return failed(call);
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
