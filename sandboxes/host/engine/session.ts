/** One session beside an engine: the host's side of runs, tool calls, deadlines and files. */
import {
  BenchError,
  type OpenOptions,
  type Outcome,
  type Program,
  type RunOptions,
  type Session,
} from "../../../contract/index.ts";
import type { FromWorker, Progress } from "../../wire/engine-protocol.ts";
import { answerCall } from "../../wire/tool-calls.ts";
import { hostPath } from "../../workspace/host-path.ts";
import type { DataFiles } from "../../workspace/memory-store.ts";
import { outcomeOf, type RunVerdict } from "../session/outcome.ts";
import { guardRun } from "../session/run-guard.ts";
import type { EngineThread, ThreadDeath } from "./thread.ts";

/** Milliseconds past a run's wall time after which the host ends a thread that has not ended the run itself. */
const graceMs = 250;

/** Ids are never used again in this process, so a late message for an earlier session matches nothing. */
let nextId = 1;

type Done = Extract<FromWorker, { type: "done" }>;
type Answer = Extract<FromWorker, { type: "answer" }>["value"];

/** A run in progress. */
interface ActiveRun {
  readonly id: number;
  readonly options: RunOptions;
  /** Ends the calls that are still in flight when the run is over. */
  readonly calls: AbortController;
  output: string;
  progress: Progress;
  issuedCalls: number;
  settle(verdict: RunVerdict | ThreadDeath, done?: Done): void;
}

export const engineUnavailable = (sandbox: string, reason: string) =>
  new BenchError("SANDBOX_UNAVAILABLE", {
    sandbox,
    reason,
    fix: `Run it again; if it fails again, leave it out with --sandbox '!${sandbox}'.`,
  });

export interface EngineSessionOptions {
  readonly sandbox: string;
  readonly thread: EngineThread;
  readonly open: Pick<OpenOptions, "files" | "memoryBytes">;
  readonly data: DataFiles;
  /** Called once, when the session returns the thread; `reusable`: the next session may have it. */
  release(reusable: boolean): Promise<void>;
}

export interface EngineSession extends Session {
  /** Resolves when the first program can begin at once, so that its wall time is its own. */
  opened(): Promise<void>;
}

export function engineSession({ sandbox, thread, open, data, release }: EngineSessionOptions): EngineSession {
  const unavailable = (reason: string) => engineUnavailable(sandbox, reason);
  const requests = new Map<number, (value: Answer | ThreadDeath | "closed") => void>();
  let active: ActiveRun | undefined;
  let closing: Promise<void> | undefined;

  const shut = (reusable: boolean): Promise<void> => {
    if (closing === undefined) {
      closing = release(reusable);
      for (const settle of requests.values()) settle("closed");
    }
    return closing;
  };

  const checkOpen = () => {
    if (closing !== undefined) throw new BenchError("SESSION_CLOSED", { sandbox });
    const death = thread.death();
    if (death !== undefined) throw unavailable(death.reason);
  };

  const takeProgress = (run: ActiveRun, progress: Progress) => {
    run.output += progress.output;
    run.progress = progress;
  };

  const answer = async (run: ActiveRun, call: unknown) => {
    run.issuedCalls++;
    const reply = await answerCall(call, run.options.bridge, run.calls.signal);
    // A run that has ended gets no more messages.
    if (reply !== undefined && active === run) thread.post({ type: "reply", run: run.id, reply });
  };

  thread.assign({
    message(message) {
      switch (message.type) {
        case "answer":
          requests.get(message.request)?.(message.value);
          return;
        case "calls":
          if (active?.id !== message.run) return;
          takeProgress(active, message.progress);
          for (const call of message.calls) void answer(active, call);
          return;
        case "done":
          if (active?.id !== message.run) return;
          takeProgress(active, message.progress);
          if (message.end.status === "broken") active.settle({ reason: message.end.reason, outOfMemory: false });
          else active.settle(message.end, message);
          return;
      }
    },
    died(death) {
      for (const settle of requests.values()) settle(death);
      active?.settle(death);
    },
  });
  thread.open(open.files, data, open.memoryBytes);

  async function play(program: Program, options: RunOptions): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const run: ActiveRun = {
      id: nextId++,
      options,
      calls: new AbortController(),
      output: "",
      progress: { output: "", files: { read: [], wrote: [] }, callWaves: 0 },
      issuedCalls: 0,
      settle(verdict, done) {
        if (active !== run) return;
        active = undefined;
        run.calls.abort();
        const ended = "reason" in verdict ? (verdict.outOfMemory ? memoryExceeded : undefined) : verdict;
        // After a limit, or when the engine failed, the thread goes and the session with it.
        const shutting = ended === undefined || ended.status === "limit-exceeded" ? shut(false) : Promise.resolve();
        if (ended === undefined) {
          void shutting.then(() => reject(unavailable((verdict as ThreadDeath).reason)));
          return;
        }
        const { files, callWaves } = run.progress;
        const activity = { ...files, calls: run.issuedCalls, callWaves, virtualWaitMs: done?.virtualWaitMs ?? 0 };
        const outcome = outcomeOf(ended, { text: run.output, cut: done?.outputCut ?? false }, options.outputBytes, activity);
        void shutting.then(() => resolve(outcome));
      },
    };
    active = run;

    const unguard = guardRun(options, graceMs, (limit) => run.settle({ status: "limit-exceeded", limit }));
    if (active === run) {
      const { wallTimeMs, outputBytes, virtualTime } = options;
      thread.post({ type: "run", run: run.id, program, wallTimeMs, outputBytes, virtualTime });
    }
    return promise.finally(unguard);
  }

  type Request = { readonly type: "listFiles" | "usage" | "opened" } | { readonly type: "readFile"; readonly path: string };
  function ask(request: Request | { readonly type: "writeFile"; readonly path: string; readonly bytes: Uint8Array }) {
    checkOpen();
    const id = nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    requests.set(id, (value) => {
      requests.delete(id);
      if (value === "closed") reject(new BenchError("SESSION_CLOSED", { sandbox }));
      else if (value !== null && typeof value === "object" && "reason" in value) reject(unavailable(value.reason));
      else resolve(value);
    });
    thread.post({ ...request, request: id });
    return promise;
  }

  return {
    async opened() {
      await ask({ type: "opened" });
    },
    async run(program, options) {
      checkOpen();
      if (active !== undefined) throw new BenchError("SESSION_BUSY", { sandbox });
      return play(program, options);
    },
    async readFile(path) {
      const bytes = await ask({ type: "readFile", path: hostPath(path) });
      if (!(bytes instanceof Uint8Array)) throw new BenchError("FILE_NOT_FOUND", { path });
      return bytes;
    },
    async writeFile(path, bytes) {
      await ask({ type: "writeFile", path: hostPath(path), bytes });
    },
    async listFiles() {
      const files = await ask({ type: "listFiles" });
      return Array.isArray(files) ? files : [];
    },
    async usage() {
      const residentBytes = await ask({ type: "usage" });
      return { residentBytes: typeof residentBytes === "number" ? residentBytes : null };
    },
    async close() {
      active?.settle({ status: "limit-exceeded", limit: "aborted" });
      await shut(thread.death() === undefined);
    },
  };
}

const memoryExceeded: RunVerdict = { status: "limit-exceeded", limit: "memory" };
