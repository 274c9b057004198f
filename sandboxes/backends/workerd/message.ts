/** An isolate's lines, read without trust: the guest shares its realm with the code that writes them. */
import { z } from "zod";
import type { FromIsolate } from "./wire.ts";

const text = z.string();
const whole = z.number().int();
const files = z.object({ read: z.array(text), wrote: z.array(text) });
const progress = z.object({ output: text, files, callWaves: whole });
// Calls are checked one by one where they are answered.
const calls = z.array(z.any());
const written = z.array(z.tuple([text, text.nullable()]));
const thrown = z.object({ name: text, message: text, stack: text });
const end = z.discriminatedUnion("status", [
  z.object({ status: z.literal("returned") }),
  z.object({ status: z.literal("threw"), thrown }),
  z.object({ status: z.literal("limit-exceeded"), limit: z.enum(["wallTime", "memory", "output"]) }),
  z.object({ status: z.literal("broken"), reason: text }),
]);
const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("calls"), run: whole, calls, progress }),
  z.object({ type: z.literal("done"), run: whole, end, outputCut: z.boolean(), virtualWaitMs: z.number(), progress, written }),
  z.object({ type: z.literal("compile"), request: whole, url: text, written }),
]);

/** `undefined` for a line that is not a message. */
export function readMessage(line: string): FromIsolate | undefined {
  try {
    return message.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
