/**
 * A session over a box of runners, the same for every backend whose guest is a process: lends the bridge, keeps the
 * deadlines, judges how a program ended. A JavaScript program has a runner of its own. The next runner starts as soon as
 * one is done, so that the following program does not wait for it. One runner serves all Python programs.
 */
import {
  BenchError,
  type OpenOptions,
  type Outcome,
  type Program,
  type RunOptions,
  type Session,
} from "../../../contract/index.ts";
import { outputBuffer } from "../../wire/output.ts";
import type { FileRequest } from "../../wire/runner-protocol.ts";
import { answerCall } from "../../wire/tool-calls.ts";
import { hostPath } from "../../workspace/host-path.ts";
import { javascriptOf } from "../../workspace/module-source.ts";
import { readDataFolders } from "../session/data-folders.ts";
import { outcomeOf, type RunVerdict } from "../session/outcome.ts";
import { guardRun } from "../session/run-guard.ts";
import { boxFailure, type RunnerBox, type RunnerConnection, type RunnerEnd } from "./box.ts";
import { nothingReported, readReport, textOf } from "./report.ts";

/** Milliseconds that a runner may take to be ready, to begin a program, or to carry out a file operation. */
const patienceMs = 45_000;

/** Path below the workspace to text or bytes. */
export type WorkspaceFiles = ReadonlyMap<string, string | Uint8Array>;

/**
 * The tree and the data of a session, as files for the first runner to write, for boxes into which nothing can be mounted.
 * They are copies; only the guest API makes them read-only to programs. Rejects with LIMIT for too much data.
 */
export async function allFiles({ files, data = [] }: OpenOptions): Promise<WorkspaceFiles> {
  const found = await readDataFolders(data);
  return new Map<string, string | Uint8Array>([
    ...files,
    ...[...found].flatMap(([path, bytes]) => (bytes === null ? [] : [[path, bytes] as const])),
  ]);
}

export interface RunnerSessionOptions {
  readonly sandbox: string;
  readonly box: RunnerBox;
  readonly open: OpenOptions;
  /** What the first runner writes into the workspace. */
  readonly files: WorkspaceFiles;
  /** Called once. */
  onClosed(): void;
}

/** Resolves when the first runner is ready. Rejects with SANDBOX_UNAVAILABLE, and with ABORTED; the box is gone then. */
export async function openRunnerSession(options: RunnerSessionOptions): Promise<Session> {
  const { sandbox, box, open } = options;
  // A Python program finds the globals of the one before it, so its runner stays.
  const keepsRunner = open.language === "python";
  let next: Promise<RunnerConnection> | undefined;
  let stopCurrent: ((limit: "wallTime" | "aborted") => void) | undefined;
  let busy = false;
  let closing: Promise<void> | undefined;
  let closedByCaller = false;

  const shut = (): Promise<void> => {
    closing ??= box.destroy().finally(options.onClosed);
    return closing;
  };
  const checkOpen = () => {
    if (closing !== undefined) throw new BenchError("SESSION_CLOSED", { sandbox });
  };
  const prepare = () => {
    next = box.nextRunner();
    // The caller that asks for the runner gets the failure.
    next.catch(() => undefined);
  };
  /** The ready runner. Closes the box if there is no runner any more. */
  const take = async (): Promise<RunnerConnection> => {
    try {
      return await within(sandbox, "its next process was not ready", next ?? box.nextRunner());
    } catch (error) {
      await shut();
      throw error;
    }
  };

  async function play(runner: RunnerConnection, program: Program, limits: RunOptions): Promise<Outcome> {
    const output = outputBuffer(limits.outputBytes);
    const calls = new AbortController();
    const settled = Promise.withResolvers<RunVerdict | BenchError>();
    let over = false;
    let report = nothingReported;
    let started = false;
    let issuedCalls = 0;
    let callWaves = 0;
    let pendingInput = 0;

    const settle = (verdict: RunVerdict | BenchError) => {
      over = true;
      calls.abort();
      settled.resolve(verdict);
    };
    const stop = (limit: "wallTime" | "aborted") => {
      const late = limit === "wallTime" && !started;
      settle(late ? boxFailure(sandbox, `a program did not begin in ${patienceMs} ms`) : { status: "limit-exceeded", limit });
    };
    const answer = async (call: unknown) => {
      const input = (call as { inputJson?: unknown } | null | undefined)?.inputJson;
      const length = typeof input === "string" ? input.length : 0;
      pendingInput += length;
      // The guest's arguments wait in the host's memory, and count as its own.
      if (pendingInput > open.memoryBytes) return settle({ status: "limit-exceeded", limit: "memory" });
      const reply = await answerCall(call, limits.bridge, calls.signal);
      pendingInput -= length;
      if (reply !== undefined && !over) runner.send({ type: "reply", reply });
    };
    runner.listen((message) => {
      if (over || message === null) return;
      if (message === "broken") {
        settle(ownEnd("The program broke the channel of its process"));
      } else if (message.type === "started" && !started) {
        started = true;
        unguard();
        // Only the host keeps this deadline, so there is no grace.
        unguard = guardRun(limits, 0, stop);
      } else if (message.type === "output") {
        if (!output.add(textOf(message.text))) settle({ status: "limit-exceeded", limit: "output" });
      } else if (message.type === "call") {
        issuedCalls++;
        callWaves = Number(message.callWaves) || 0;
        void answer(message.call);
      } else if (message.type === "done") {
        callWaves = Number(message.callWaves) || 0;
        report = readReport(message);
        settle(report.verdict);
      }
    });
    void runner.ended.then((end) => {
      if (!over) settle(verdictOf(sandbox, end, started));
    });
    stopCurrent = stop;
    let unguard = guardRun({ ...limits, wallTimeMs: patienceMs }, 0, stop);
    const javascript = open.language === "javascript" ? likelyModules(program, open.files) : [];
    if (!over) runner.send({ type: "run", program, javascript, virtualTime: limits.virtualTime });

    const verdict = await settled.promise;
    unguard();
    stopCurrent = undefined;
    if (verdict instanceof BenchError || verdict.status === "limit-exceeded") await shut();
    else if (keepsRunner) next = Promise.resolve(runner);
    else {
      await runner.release();
      if (closing === undefined) prepare();
    }
    if (verdict instanceof BenchError) throw verdict;
    const activity = { ...report.files, calls: issuedCalls, callWaves, virtualWaitMs: report.virtualWaitMs };
    return outcomeOf(verdict, { text: output.take(), cut: output.isCut() }, limits.outputBytes, activity);
  }

  /** Closing a session before its program begins ends the run as closing it later does. */
  async function begin(program: Program, limits: RunOptions): Promise<Outcome> {
    try {
      const runner = await take();
      if (!closedByCaller) return await play(runner, program, limits);
    } catch (error) {
      if (!closedByCaller) throw error;
    }
    const aborted = { status: "limit-exceeded", limit: "aborted" } as const;
    const nothing = { ...nothingReported.files, calls: 0, callWaves: 0, virtualWaitMs: 0 };
    return outcomeOf(aborted, { text: "", cut: false }, limits.outputBytes, nothing);
  }

  /** One user of the runner at a time. A run refuses to wait; a file operation waits. */
  let queue: Promise<unknown> = Promise.resolve();
  const exclusive = <T>(use: () => Promise<T>): Promise<T> => {
    const result = queue.then(use);
    queue = result.catch(() => undefined);
    return result;
  };

  const fileOperation = (path: string, request: FileRequest): Promise<string> =>
    exclusive(async () => {
      checkOpen();
      const runner = await take();
      const answer = Promise.withResolvers<{ fault: string | null; value: string }>();
      runner.listen((message) => {
        if (message === "broken") answer.reject(boxFailure(sandbox, "its channel is broken"));
        if (message === "broken" || message?.type !== "file") return;
        const { fault, value } = message;
        answer.resolve({ fault: fault === null ? null : textOf(fault), value: textOf(value) });
      });
      void runner.ended.then(() => answer.reject(boxFailure(sandbox, "its process ended")));
      runner.send({ type: "file", ...request });
      try {
        const { fault, value } = await within(sandbox, "a file operation did not end", answer.promise);
        if (fault === null) return value;
        if (fault === "EACCES") throw new BenchError("PATH_OUTSIDE_WORKSPACE", { path });
        throw new BenchError("FILE_NOT_FOUND", { path });
      } catch (error) {
        if (error instanceof BenchError && error.code === "SANDBOX_UNAVAILABLE") await shut();
        throw error;
      }
    });

  const openAborted = () => void shut();
  open.signal?.addEventListener("abort", openAborted, { once: true });
  try {
    if (open.signal?.aborted === true) await shut();
    prepare();
    const first = await take();
    for (const [path, content] of options.files) {
      if (typeof content === "string") first.send({ type: "tree", path, encoding: "utf8", content });
      else first.send({ type: "tree", path, encoding: "base64", content: Buffer.from(content).toString("base64") });
    }
    next = Promise.resolve(first);
  } catch (error) {
    if (open.signal?.aborted === true) throw new BenchError("ABORTED");
    throw error;
  } finally {
    open.signal?.removeEventListener("abort", openAborted);
  }

  return {
    async run(program, limits) {
      checkOpen();
      if (busy) throw new BenchError("SESSION_BUSY", { sandbox });
      busy = true;
      return exclusive(() => begin(program, limits)).finally(() => {
        busy = false;
      });
    },
    async readFile(path) {
      checkOpen();
      return Buffer.from(await fileOperation(path, { operation: "read", path: hostPath(path) }), "base64");
    },
    async writeFile(path, bytes) {
      checkOpen();
      const base64 = Buffer.from(bytes).toString("base64");
      await fileOperation(path, { operation: "write", path: hostPath(path), base64 });
    },
    async listFiles() {
      checkOpen();
      const paths: unknown = JSON.parse(await fileOperation(".", { operation: "list" }));
      return Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : [];
    },
    async usage() {
      checkOpen();
      return { residentBytes: await box.residentBytes() };
    },
    async close() {
      closedByCaller = true;
      stopCurrent?.("aborted");
      await shut();
    },
  };
}

/**
 * The program and the files of the tree whose names it holds, as JavaScript. A file that a program names in another way
 * is stripped of its types in the box, as are the program's own files.
 */
function likelyModules(program: Program, files: OpenOptions["files"]): [string, string][] {
  const named = [...files].filter(
    ([path]) => path.startsWith("servers/") && path.endsWith(".ts") && program.source.includes(path),
  );
  return [[program.file, program.source] as const, ...named].flatMap(([file, source]): [string, string][] => {
    const javascript = javascriptOf(source);
    return javascript === undefined ? [] : [[file, javascript]];
  });
}

/** Rejects with SANDBOX_UNAVAILABLE when `promise` takes longer than a runner may. */
async function within<T>(sandbox: string, what: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(boxFailure(sandbox, `${what} in ${patienceMs} ms`)), patienceMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The last words of V8, in Node's wording and in its own. */
const gaveUp = /heap out of memory|JavaScript out of memory/;
const ownEnd = (message: string): RunVerdict => ({ status: "threw", thrown: { name: "Error", message, stack: "" } });

/** A process that ended without a report: by its program, by its memory, or by somebody else. */
function verdictOf(sandbox: string, end: RunnerEnd, started: boolean): RunVerdict | BenchError {
  if (!started) return boxFailure(sandbox, `its process ended before the program began: ${end.errorText}`);
  if (end.outOfMemory || gaveUp.test(end.errorText)) return { status: "limit-exceeded", limit: "memory" };
  if (end.code !== null) return ownEnd(`The program ended its process with code ${end.code}`);
  return boxFailure(sandbox, `its process was ended by ${end.signal ?? "something unknown"}`);
}
