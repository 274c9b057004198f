/**
 * A session over a box of runners, the same for every backend: lends the bridge, keeps the deadlines, counts, and judges
 * how a program ended. A JavaScript program in a process has a runner of its own; the next one starts as soon as it is
 * done, so that the following program does not wait for it.
 */
import {
  BenchError,
  type OpenOptions,
  type Outcome,
  type Program,
  type RunOptions,
  type Session,
} from "../../../contract/index.ts";
import { maxInputBytes, maxListBytes, maxListedFiles } from "../../guest/limits.ts";
import type { FileRequest } from "../../wire/messages.ts";
import { hostPath } from "../../workspace/host-path.ts";
import { javascriptOf } from "../../workspace/module-source.ts";
import { readDataFolders } from "../session/data-folders.ts";
import { outcomeOf } from "../session/outcome.ts";
import { boxFailure, type RunnerBox, type RunnerConnection } from "./box.ts";
import { play } from "./play.ts";
import { paths } from "./read-frame.ts";

/** Milliseconds that a runner may take to be ready, or to carry out a file operation. */
const patienceMs = 120_000;

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
  const keepsRunner = box.keepsRunner ?? open.language === "python";
  let next: Promise<RunnerConnection> | undefined;
  let abortCurrent: (() => void) | undefined;
  let busy = false;
  let closing: Promise<void> | undefined;
  let closedByCaller = false;
  const closed = Promise.withResolvers<void>();

  const shut = (isClean: boolean): Promise<void> => {
    closing ??= box.destroy(isClean).finally(options.onClosed);
    closed.resolve();
    return closing;
  };
  const checkOpen = () => {
    if (closing !== undefined) throw new BenchError("SESSION_CLOSED", { sandbox });
  };
  const prepare = (after?: Promise<void>) => {
    next = after === undefined ? box.nextRunner() : after.then(() => box.nextRunner());
    // The caller that asks for the runner gets the failure.
    next.catch(() => undefined);
  };
  /** The ready runner. Closes the box if there is no runner any more. */
  const take = async (): Promise<RunnerConnection> => {
    try {
      return await within(sandbox, "its next process was not ready", next ?? box.nextRunner());
    } catch (error) {
      await shut(false);
      throw error;
    }
  };

  async function playNext(runner: RunnerConnection, program: Program, limits: RunOptions): Promise<Outcome> {
    const { memoryBytes } = open;
    const javascript = open.language === "javascript" && !keepsRunner ? likelyModules(program, open.files) : [];
    const playing = play({ sandbox, box, runner, program, javascript, limits, memoryBytes, startMs: patienceMs });
    abortCurrent = playing.abort;
    const { verdict, isBroken, output, activity } = await playing.result;
    abortCurrent = undefined;
    if (verdict instanceof BenchError || verdict.status === "limit-exceeded") await shut(false);
    else if (keepsRunner && !isBroken) next = Promise.resolve(runner);
    // The caller need not wait for its end, nor for the start of the next one; whoever uses that does.
    else prepare(runner.release());
    if (verdict instanceof BenchError) throw verdict;
    return outcomeOf(verdict, output, limits.outputBytes, activity);
  }

  /** Closing a session before its program begins ends the run as closing it later does. */
  async function begin(program: Program, limits: RunOptions): Promise<Outcome> {
    try {
      const runner = await take();
      if (!closedByCaller) return await playNext(runner, program, limits);
    } catch (error) {
      if (!closedByCaller) throw error;
    }
    const aborted = { status: "limit-exceeded", limit: "aborted" } as const;
    const nothing = { filesReportedBy: "host", read: [], wrote: [], calls: 0, callWaves: 0, virtualWaitMs: 0 } as const;
    return outcomeOf(aborted, { text: "", cut: false }, limits.outputBytes, nothing);
  }

  /** One user of the runner at a time. A run refuses to wait; a file operation waits. */
  let queue: Promise<unknown> = Promise.resolve();
  const exclusive = <T>(use: () => Promise<T>): Promise<T> => {
    const result = queue.then(use);
    queue = result.catch(() => undefined);
    return result;
  };

  /** The bytes of the answer, at most `maxBytes`. */
  const ask = (path: string, request: FileRequest, maxBytes: number): Promise<Buffer> =>
    exclusive(async () => {
      checkOpen();
      const runner = await take();
      const parts: Uint8Array[] = [];
      let bytes = 0;
      const answer = Promise.withResolvers<string | null>();
      runner.listen((message) => {
        if (message === "broken") answer.reject(boxFailure(sandbox, "its channel is broken"));
        else if (message.type === "answer") answer.resolve(message.fault);
        else if (message.type === "part") {
          bytes += message.bytes.byteLength;
          if (bytes <= maxBytes) parts.push(message.bytes);
          else answer.reject(tooLong(path, maxBytes));
        }
      });
      void closed.promise.then(() => answer.reject(new BenchError("SESSION_CLOSED", { sandbox })));
      void runner.ended.then(() => answer.reject(boxFailure(sandbox, "its process ended")));
      runner.send({ type: "ask", ...request });
      try {
        const fault = await within(sandbox, "a file operation did not end", answer.promise);
        runner.listen(() => undefined);
        if (fault === null) return Buffer.concat(parts);
        if (fault === "EACCES") throw new BenchError("PATH_OUTSIDE_WORKSPACE", { path });
        throw new BenchError("FILE_NOT_FOUND", { path });
      } catch (error) {
        if (error instanceof BenchError && ["SANDBOX_UNAVAILABLE", "LIMIT"].includes(error.code)) await shut(false);
        throw error;
      }
    });

  const openAborted = () => void shut(false);
  open.signal?.addEventListener("abort", openAborted, { once: true });
  try {
    if (open.signal?.aborted === true) await shut(false);
    prepare();
    const first = await take();
    for (const [path, content] of options.files) first.send({ type: "file", path, content });
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
      return ask(path, { operation: "read", path: hostPath(path) }, open.memoryBytes);
    },
    async writeFile(path, bytes) {
      checkOpen();
      await ask(path, { operation: "write", path: hostPath(path), bytes }, 0);
    },
    async listFiles() {
      checkOpen();
      const list = await ask(".", { operation: "list" }, maxListBytes);
      const found = paths(list.toString());
      if (found.length > maxListedFiles) throw tooMany();
      return found;
    },
    async usage() {
      checkOpen();
      return { residentBytes: await box.residentBytes() };
    },
    async close() {
      closedByCaller = true;
      const isClean = abortCurrent === undefined && !busy;
      abortCurrent?.();
      await shut(isClean);
    },
  };
}

const fileLimit = (problem: string) =>
  new BenchError("LIMIT", { limit: "files", problem, fix: "Let programs write fewer or smaller files." });
const tooLong = (path: string, maxBytes: number) =>
  fileLimit(path === "." ? tooManyText : `the sandbox gave more than ${maxBytes} bytes for the file ${path}`);
const tooManyText = `the workspace holds more than ${maxListedFiles} files, or their paths more than ${maxListBytes} bytes`;
const tooMany = () => fileLimit(tooManyText);

/**
 * The program and the files of the tree whose names it holds, as JavaScript. A file that a program names in another way
 * is stripped of its types in the box, as are the program's own files.
 */
function likelyModules(program: Program, files: OpenOptions["files"]): [string, string][] {
  // The box can take longer over it than the host.
  if (program.source.length > maxInputBytes) return [];
  const named = [...files].filter(
    ([path]) => path.startsWith("servers/") && path.endsWith(".ts") && program.source.includes(path),
  );
  return [[program.file, program.source] as const, ...named].flatMap(([file, source]): [string, string][] => {
    const javascript = javascriptOf(file, source);
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
