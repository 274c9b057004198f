/** Serves sessions from a worker thread. */
import { parentPort } from "node:worker_threads";
import type { ToRunner } from "../../wire/messages.ts";
import type { EngineFactory } from "./machine.ts";
import { serve } from "./serve.ts";

/** Taken now: in a plain worker the guest has the same global object. */
const { performance } = globalThis;

export async function serveThread(factory: EngineFactory): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("This code runs as a worker thread.");
  const receive = await serve({ factory, now: () => performance.now(), send: (message) => port.postMessage(message) });
  port.on("message", (message: ToRunner) => receive(message));
}
