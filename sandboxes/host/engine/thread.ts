/** A thread or process that serves sessions beside an engine, as the host holds it: alive or dead, with one session or idle. */

import { type FromWorker, keptTrees, type ToWorker } from "../../wire/engine-protocol.ts";
import type { DataFiles } from "../../workspace/memory-store.ts";

/** Why it ended by itself. */
export interface ThreadDeath {
  readonly reason: string;
  /** Its memory was exhausted, which only a guest can do. */
  readonly outOfMemory: boolean;
}

export interface ThreadUser {
  message(message: FromWorker): void;
  died(death: ThreadDeath): void;
}

export interface EngineThread {
  /** Resolves when the thread takes messages, or with its death. */
  readonly started: Promise<ThreadDeath | undefined>;
  /** Present once the thread has ended by itself. */
  death(): ThreadDeath | undefined;
  /** Hands the thread to a session, which keeps the process alive, or takes it back with `undefined`. */
  assign(user: ThreadUser | undefined): void;
  /** Begins a session over these files. The same map is not sent twice, so it must not change. */
  open(files: ReadonlyMap<string, string>, data: DataFiles, memoryBytes: number): void;
  post(message: ToWorker): void;
  /** Resolves when the thread is gone. Idempotent. */
  stop(): Promise<void>;
}

/** What a carrier (a worker thread, a child process, this thread) has to do for `engineThread`. */
export interface Carrier {
  post(message: ToWorker): void;
  /** Whether it keeps the process alive. */
  keepAlive(needed: boolean): void;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface CarrierEvents {
  message(message: FromWorker): void;
  died(reason: string, outOfMemory: boolean): void;
}

export function engineThread(start: (events: CarrierEvents) => Carrier): EngineThread {
  let user: ThreadUser | undefined;
  let death: ThreadDeath | undefined;
  let stopped: Promise<void> | undefined;
  const trees = new Map<ReadonlyMap<string, string>, number>();
  let nextTree = 1;
  const started = Promise.withResolvers<ThreadDeath | undefined>();

  const carrier = start({
    message(message) {
      if (message.type === "ready") started.resolve(undefined);
      else user?.message(message);
    },
    died(reason, outOfMemory) {
      if (stopped !== undefined || death !== undefined) return;
      death = { reason, outOfMemory };
      started.resolve(death);
      user?.died(death);
    },
  });
  carrier.keepAlive(false);

  return {
    started: started.promise,
    death: () => death,
    assign(next) {
      user = next;
      carrier.keepAlive(next !== undefined);
    },
    open(files, data, memoryBytes) {
      const known = trees.get(files);
      const tree = known ?? nextTree++;
      if (known === undefined) {
        if (trees.size === keptTrees) trees.clear();
        trees.set(files, tree);
      }
      carrier.post({ type: "open", tree, files: known === undefined ? files : null, data, memoryBytes });
    },
    post: carrier.post,
    stop() {
      stopped ??= carrier.stop();
      return stopped;
    },
  };
}
