/** An engine on the host's own thread: what other backends cost beyond this is the price of a thread or a process. */
import type { EngineFactory } from "../../runner/engine/machine.ts";
import { serve } from "../../runner/engine/serve.ts";
import type { ToRunner } from "../../wire/messages.ts";
import type { RunnerEnd } from "../runner/box.ts";
import { messageQueue } from "../runner/channel.ts";
import { type EngineThread, threadEnd } from "./thread.ts";

/** `now`: milliseconds, monotonic. */
export function localThread(factory: EngineFactory, now: () => number): EngineThread {
  const { tell, listen } = messageQueue();
  const ended = Promise.withResolvers<RunnerEnd>();
  let stopped = false;
  // In a job of its own: a callback must not come before the call that caused it has returned.
  const receive = serve({ factory, now, send: (message) => queueMicrotask(() => tell(message)) });
  receive.catch((error: Error) => ended.resolve(threadEnd(error.message, false)));
  const post = (message: ToRunner) => {
    void receive.then((deliver) => {
      if (!stopped) deliver(message);
    });
  };
  return {
    ended: ended.promise,
    send: post,
    listen,
    keepAlive: () => undefined,
    async stop() {
      const deliver = await receive.catch(() => undefined);
      stopped = true;
      deliver?.({ type: "close" });
    },
  };
}
