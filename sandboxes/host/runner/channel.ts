/** The host's end of a runner's channel, over any pair of byte streams. */
import type { Readable, Writable } from "node:stream";
import { encodeFrame, type FromRunner, frameReader, type ToRunner } from "../../wire/runner-protocol.ts";

/**
 * What a runner sent: a JSON object; `null` for other JSON; `broken`, once, for text that is not JSON or a frame that is
 * too long.
 */
export type RunnerMessage = Partial<FromRunner> | null | "broken";

export interface Channel {
  send(message: ToRunner): void;
  /** Replaces the listener. Messages that came before the first one wait for it. */
  listen(listener: (message: RunnerMessage) => void): void;
}

/** Errors of the stream are ignored: the end of the process or box says more. One function, as a stream may carry several runners. */
const ignore = () => undefined;

export function runnerChannel(input: Readable, output: Writable): Channel {
  let listener: ((message: RunnerMessage) => void) | undefined;
  let early: RunnerMessage[] = [];
  let dead = false;
  const tell = (message: RunnerMessage) => {
    if (listener === undefined) early.push(message);
    else listener(message);
  };
  const fail = () => {
    if (!dead) tell("broken");
    dead = true;
  };
  const read = frameReader((json) => {
    let message: unknown;
    try {
      message = JSON.parse(json);
    } catch {
      fail();
      return;
    }
    tell(typeof message === "object" ? (message as Partial<FromRunner> | null) : null);
  });
  input.on("data", (chunk: Buffer) => {
    if (!dead && !read(chunk)) fail();
  });
  for (const stream of [input, output]) if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore);
  return {
    send(message) {
      if (output.writable) output.write(encodeFrame(message));
    },
    listen(next) {
      listener = next;
      for (const message of early) next(message);
      early = [];
    },
  };
}

export type Ready = Extract<FromRunner, { type: "ready" }>;

/** Resolves with a runner's first message. Never settles without one: the caller has a deadline. */
export function readyMessage(channel: Channel): Promise<Ready> {
  return new Promise((resolve) =>
    channel.listen((message) => {
      if (message !== "broken" && message?.type === "ready") resolve(message as Ready);
    }),
  );
}
