/** The host's end of a runner's channel, over any pair of byte streams. */
import type { Readable, Writable } from "node:stream";
import { maxFrameBytes } from "../../guest/limits.ts";
import { frameReader, frameToRunner } from "../../wire/frames.ts";
import type { FromRunner, ToRunner } from "../../wire/messages.ts";
import { lineReader, maxLineLength } from "./line-frames.ts";
import { readFromRunner } from "./read-frame.ts";

/** What a runner sent; `broken`, once, for what is no message of ours. Nothing comes after it. */
export type RunnerMessage = FromRunner | "broken";

export interface Channel {
  send(message: ToRunner): void;
  /** Replaces the listener. Messages that came before the first one wait for it. */
  listen(listener: (message: RunnerMessage) => void): void;
  /** Bytes that were sent and that the runner has not taken. Absent: the carrier cannot tell. */
  unsentBytes?(): number;
}

/** Messages that may come before anybody listens. */
const mostEarly = 8;

/** Hands messages to one listener after another. */
export function messageQueue(): { tell(message: RunnerMessage): void; readonly listen: Channel["listen"] } {
  let listener: Parameters<Channel["listen"]>[0] | undefined;
  let early: RunnerMessage[] = [];
  let dead = false;
  return {
    tell(message) {
      if (dead) return;
      const told = listener === undefined && early.length === mostEarly ? "broken" : message;
      dead = told === "broken";
      if (listener === undefined) early.push(told);
      else listener(told);
    },
    listen(next) {
      listener = next;
      const waiting = early;
      early = [];
      for (const message of waiting) next(message);
    },
  };
}

/** Errors of the stream are ignored: the end of the process or box says more. One function, as a stream may carry several runners. */
const ignore = () => undefined;

/** `hear` takes the body of each frame, or `undefined` for what is none. */
function channelTo(output: Writable): { readonly channel: Channel; hear(body: Buffer | undefined): void } {
  const { tell, listen } = messageQueue();
  if (!output.listeners("error").includes(ignore)) output.on("error", ignore);
  return {
    hear: (body) => tell((body === undefined ? undefined : readFromRunner(body)) ?? "broken"),
    channel: {
      send(message) {
        if (output.writable) output.write(frameToRunner(message));
      },
      listen,
      unsentBytes: () => output.writableLength,
    },
  };
}

export function runnerChannel(input: Readable, output: Writable): Channel {
  const { channel, hear } = channelTo(output);
  const read = frameReader(maxFrameBytes, hear);
  let isReading = true;
  input.on("data", (chunk: Buffer) => {
    if (!isReading || read(chunk)) return;
    isReading = false;
    hear(undefined);
  });
  if (!input.listeners("error").includes(ignore)) input.on("error", ignore);
  return channel;
}

/** Of a runner whose frames come as lines of base64. `add` takes its text, cut anywhere; lines before `begin`, if given, are dropped. */
export function lineChannel(output: Writable, begin?: string): { readonly channel: Channel; add(text: string): void } {
  const { channel, hear } = channelTo(output);
  let begun = begin === undefined;
  const add = lineReader(maxLineLength, (line) => {
    if (begun) hear(line === undefined ? undefined : Buffer.from(line, "base64"));
    else begun = line === begin;
  });
  return { channel, add };
}

export type Ready = Extract<FromRunner, { type: "ready" }>;

/** Resolves with a runner's first message. Never settles without one: the caller has a deadline. */
export function readyMessage(channel: Channel): Promise<Ready> {
  return new Promise((resolve) =>
    channel.listen((message) => {
      if (message !== "broken" && message.type === "ready") resolve(message);
    }),
  );
}
