/** A child process that holds an engine, for engines that a guest can bring down. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { startedCode } from "../../started-code.ts";
import type { RunnerEnd } from "../runner/box.ts";
import { runnerChannel } from "../runner/channel.ts";
import type { EngineThread } from "./thread.ts";

export interface ChildProcessOptions {
  /** File below `sandboxes/`, without its extension. */
  readonly code: string;
  readonly args?: readonly string[];
  readonly nodePath: string;
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A process is ended beyond this many resident bytes; the argument is the memory that its session may use. */
  residentLimit?(memoryBytes: number): number;
}

/** V8's last words when a heap could not be kept to its limit, and Node's when a worker's was. */
const outOfMemoryWords = /is_heap_oom|out of memory|memory limit|allocation failed|invalid (?:array|string|size|table)/i;

/** UTF-16 units of stderr that are kept. */
const keptErrors = 20_000;
/** Milliseconds between two looks at the resident memory of a process that runs a program. */
const watchMs = 20;
const pageBytes = 4096;

/** `undefined` where the kernel does not report it. */
function residentBytes(pid: number | undefined): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * pageBytes;
  } catch {
    // No /proc, or the process has ended.
    return undefined;
  }
}

type Pipe = { ref(): void; unref(): void };

export function childProcess(options: ChildProcessOptions): EngineThread {
  const { code, args = [], nodePath, execArgv, env } = options;
  const child = spawn(nodePath, [...execArgv, fileURLToPath(startedCode(code)), ...args], { env, stdio: "pipe" });
  const { stdin, stdout, stderr } = child as unknown as {
    stdin: Writable & Pipe;
    stdout: Readable & Pipe;
    stderr: Readable & Pipe;
  };
  const channel = runnerChannel(stdout, stdin);
  const ended = Promise.withResolvers<RunnerEnd>();
  let errorText = "";
  stderr.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-keptErrors);
  });
  let mostBytes = Number.POSITIVE_INFINITY;
  let watch: NodeJS.Timeout | undefined;
  let overLimit = false;
  const look = () => {
    if ((residentBytes(child.pid) ?? 0) <= mostBytes) return;
    overLimit = true;
    child.kill("SIGKILL");
  };
  const end = (exitCode: number | null, signal: string | null) => {
    clearInterval(watch);
    ended.resolve({ code: exitCode, signal, errorText, outOfMemory: overLimit || outOfMemoryWords.test(errorText) });
  };
  child.on("error", (error) => end(null, error.message));
  // After its last words on stderr.
  child.on("close", end);
  const keepAlive = (needed: boolean) => {
    for (const one of [child, stdin, stdout, stderr]) one[needed ? "ref" : "unref"]();
  };
  keepAlive(false);

  return {
    ...channel,
    ended: ended.promise,
    send(message) {
      if (message.type === "open") mostBytes = options.residentLimit?.(message.memoryBytes) ?? mostBytes;
      if (message.type === "run") {
        clearInterval(watch);
        watch = setInterval(look, watchMs);
      }
      channel.send(message);
    },
    listen(listener) {
      channel.listen((message) => {
        if (message === "broken" || message.type === "done") clearInterval(watch);
        listener(message);
      });
    },
    keepAlive,
    async stop() {
      // Keeps the host alive until the process has ended.
      child.ref();
      child.kill("SIGKILL");
      await ended.promise;
    },
  };
}
