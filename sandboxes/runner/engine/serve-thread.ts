/** Serves sessions from a worker thread. */
import { parentPort } from "node:worker_threads";
import type { ToRunner } from "../../wire/messages.ts";
import type { EngineFactory } from "./machine.ts";
import { serve } from "./serve.ts";

/** Taken now: in a plain worker the guest has the same global object. */
const { performance } = globalThis;

/** UTF-16 units of results after which the thread says how many it has taken: the host bounds those that wait. */
const toldLength = 2 ** 16;

export async function serveThread(factory: EngineFactory): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("This code runs as a worker thread.");
  const receive = await serve({ factory, now: () => performance.now(), send: (message) => port.postMessage(message) });
  let taken = 0;
  port.on("message", (message: ToRunner) => {
    receive(message);
    if (message.type !== "reply") return;
    taken += message.text.length;
    if (taken < toldLength) return;
    port.postMessage(taken);
    taken = 0;
  });
}
