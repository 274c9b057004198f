/** A worker thread that serves sessions: a busy guest stops neither the host's deadlines nor Ctrl-C. */
import { type ResourceLimits, Worker } from "node:worker_threads";
import { startedCode } from "../../started-code.ts";
import type { FromWorker } from "../../wire/engine-protocol.ts";
import { type EngineThread, engineThread } from "./thread.ts";

export interface WorkerThreadOptions {
  readonly name: string;
  /** File below `sandboxes/`, without its extension. */
  readonly code: string;
  readonly resourceLimits: ResourceLimits;
}

export const workerThread = ({ name, code, resourceLimits }: WorkerThreadOptions): EngineThread =>
  engineThread((events) => {
    const worker = new Worker(startedCode(code), {
      name,
      env: {},
      argv: [],
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdout: true,
      stderr: true,
      resourceLimits,
    });
    worker.on("message", (message: FromWorker) => events.message(message));
    worker.on("error", (error: Error & { code?: string }) =>
      events.died(error.message, error.code === "ERR_WORKER_OUT_OF_MEMORY"),
    );
    worker.on("exit", (code) => events.died(`its thread ended with code ${code}`, false));
    return {
      post: (message) => worker.postMessage(message),
      keepAlive: (needed) => (needed ? worker.ref() : worker.unref()),
      stop: () => worker.terminate().then(() => undefined),
    };
  });
