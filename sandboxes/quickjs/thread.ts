/** A QuickJS worker thread as the host holds it: alive or dead, used by one session at a time or idle. */
import { Worker } from "node:worker_threads";
import { codeUrl } from "../guest-files.ts";
import { type FromWorker, keptTrees, type ToWorker } from "./protocol.ts";

/** Stack of the thread, in MB: more than QuickJS' own limit can use, so that its limit is the one that bites. */
const stackSizeMb = 32;
/** Heap of the thread's own JavaScript (workspace, messages), in MB; the virtual machines' memory is not in it. */
const maxOldGenerationSizeMb = 512;

/** Small, so that machines that are done with are collected soon: half the resident memory, for a few percent of time. */
const maxYoungGenerationSizeMb = 8;

/** Why a thread is gone that nobody stopped. */
export interface ThreadDeath {
  readonly reason: string;
  /** The thread's own heap was exhausted, which only a guest's files and messages can do. */
  readonly outOfMemory: boolean;
}

export interface ThreadUser {
  message(message: FromWorker): void;
  died(death: ThreadDeath): void;
}

export interface QuickjsThread {
  /** Resolves when the thread takes messages, or with its death. */
  readonly started: Promise<ThreadDeath | undefined>;
  /** Present once the thread is gone without having been stopped. */
  death(): ThreadDeath | undefined;
  /** Hands the thread to a session, which keeps the process alive, or takes it back with `undefined`. */
  assign(user: ThreadUser | undefined): void;
  /** Begins a session over these files. A map that was given before is not sent again: it must not have changed. */
  open(files: ReadonlyMap<string, string>, memoryBytes: number): void;
  post(message: ToWorker): void;
  /** Resolves when the thread is gone. Idempotent. */
  stop(): Promise<void>;
}

export function quickjsThread(): QuickjsThread {
  const worker = new Worker(codeUrl("quickjs/worker"), {
    name: "quickjs",
    env: {},
    argv: [],
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdout: true,
    stderr: true,
    resourceLimits: { stackSizeMb, maxOldGenerationSizeMb, maxYoungGenerationSizeMb },
  });
  let user: ThreadUser | undefined;
  let death: ThreadDeath | undefined;
  let stopped: Promise<void> | undefined;
  const trees = new Map<ReadonlyMap<string, string>, number>();
  let nextTree = 1;
  const started = Promise.withResolvers<ThreadDeath | undefined>();

  const die = (reason: string, outOfMemory: boolean) => {
    if (stopped !== undefined || death !== undefined) return;
    death = { reason, outOfMemory };
    started.resolve(death);
    user?.died(death);
  };
  worker.on("message", (message: FromWorker) => {
    if (message.type === "ready") started.resolve(undefined);
    else user?.message(message);
  });
  worker.on("error", (error: Error & { code?: string }) => die(error.message, error.code === "ERR_WORKER_OUT_OF_MEMORY"));
  worker.on("exit", (code) => die(`its thread ended with code ${code}`, false));
  worker.unref();

  return {
    started: started.promise,
    death: () => death,
    assign(next) {
      user = next;
      if (next === undefined) worker.unref();
      else worker.ref();
    },
    open(files, memoryBytes) {
      const known = trees.get(files);
      const tree = known ?? nextTree++;
      if (known === undefined) {
        if (trees.size === keptTrees) trees.clear();
        trees.set(files, tree);
      }
      const message: ToWorker = { type: "open", tree, files: known === undefined ? files : null, memoryBytes };
      worker.postMessage(message);
    },
    post: (message) => worker.postMessage(message),
    stop() {
      stopped ??= worker.terminate().then(() => undefined);
      return stopped;
    },
  };
}
