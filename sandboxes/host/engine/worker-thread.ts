/** A worker thread that holds an engine: a busy guest stops neither the host's deadlines nor Ctrl-C. */
import { type ResourceLimits, Worker } from "node:worker_threads";
import { startedCode } from "../../started-code.ts";
import type { FromRunner } from "../../wire/messages.ts";
import type { RunnerEnd } from "../runner/box.ts";
import { messageQueue } from "../runner/channel.ts";
import { type EngineThread, threadEnd } from "./thread.ts";

export interface WorkerThreadOptions {
  readonly name: string;
  /** File below `sandboxes/`, without its extension. */
  readonly code: string;
  readonly resourceLimits: ResourceLimits;
}

export function workerThread({ name, code, resourceLimits }: WorkerThreadOptions): EngineThread {
  const worker = new Worker(startedCode(code), {
    name,
    env: {},
    argv: [],
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdout: true,
    stderr: true,
    resourceLimits,
  });
  const { tell, listen } = messageQueue();
  /** UTF-16 units of results that the thread has not said to have taken. */
  let waiting = 0;
  const ended = Promise.withResolvers<RunnerEnd>();
  // Bounded by the thread's own code, which a guest cannot reach: it has an engine of its own.
  worker.on("message", (message: FromRunner | number) => {
    if (typeof message === "number") waiting -= message;
    else tell(message);
  });
  worker.on("error", (error: Error & { code?: string }) =>
    ended.resolve(threadEnd(error.message, error.code === "ERR_WORKER_OUT_OF_MEMORY")),
  );
  worker.on("exit", (exitCode) => ended.resolve(threadEnd(`the end of its thread with code ${exitCode}`, false)));
  worker.unref();
  return {
    ended: ended.promise,
    send(message) {
      if (message.type === "reply") waiting += message.text.length;
      worker.postMessage(message);
    },
    unsentBytes: () => waiting,
    listen,
    keepAlive: (needed) => (needed ? worker.ref() : worker.unref()),
    stop: () => worker.terminate().then(() => undefined),
  };
}
