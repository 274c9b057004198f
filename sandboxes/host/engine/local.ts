/** An engine on the host's own thread: what other backends cost beyond this is the price of a thread or a process. */
import type { EngineFactory } from "../../runner/engine/machine.ts";
import { serve } from "../../runner/engine/serve.ts";
import type { ToWorker } from "../../wire/engine-protocol.ts";
import { type EngineThread, engineThread } from "./thread.ts";

/** `now`: milliseconds, monotonic. */
export const localThread = (factory: EngineFactory, now: () => number): EngineThread =>
  engineThread((events) => {
    let stopped = false;
    // In a job of its own: a callback must not come before the call that caused it has returned.
    const receive = serve({
      factory,
      now,
      send: (message) => queueMicrotask(() => events.message(message)),
    });
    receive.then(
      () => queueMicrotask(() => events.message({ type: "ready" })),
      (error: Error) => events.died(error.message, false),
    );
    return {
      post(message: ToWorker) {
        void receive.then((deliver) => {
          if (!stopped) deliver(message);
        });
      },
      keepAlive: () => undefined,
      async stop() {
        const deliver = await receive;
        stopped = true;
        deliver({ type: "close" });
      },
    };
  });
