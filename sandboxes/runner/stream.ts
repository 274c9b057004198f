/** The runner's end of a stream of frames. */

import process from "node:process";
import { maxFrameToRunnerBytes } from "../guest/limits.ts";
import { frameFromRunner, frameReader, readToRunner } from "../wire/frames.ts";
import type { FromRunner, ToRunner } from "../wire/messages.ts";
import { openTransport, type Transport } from "./transport.ts";

export interface RunnerStream extends Pick<Transport, "keepAlive"> {
  /** Returns when the system has all of it. */
  send(message: FromRunner): void;
  /** Takes the host's messages from now on. The process ends with its host. */
  receive(listener: (message: ToRunner) => void): void;
}

// Taken now: without its host there is nobody to report to, and a program may change `process`.
const exit = process.exit.bind(process);

/** `address`: see `openTransport`. */
export async function runnerStream(address: string): Promise<RunnerStream> {
  const transport = await openTransport(address);
  transport.onEnd(() => exit());
  return {
    keepAlive: transport.keepAlive,
    send: (message) => transport.write(frameFromRunner(message)),
    receive(listener) {
      const read = frameReader(maxFrameToRunnerBytes, (body) => listener(readToRunner(body)));
      transport.onData((chunk) => void read(chunk));
    },
  };
}

export const standardStream = () => runnerStream("stdio");
