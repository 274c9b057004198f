/** A child process that serves sessions, for engines that a guest can bring down. */
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { startedCode } from "../../started-code.ts";
import type { FromWorker } from "../../wire/engine-protocol.ts";
import { type EngineThread, engineThread } from "./thread.ts";

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

export const childProcess = (options: ChildProcessOptions): EngineThread =>
  engineThread((events) => {
    const child = fork(fileURLToPath(startedCode(options.code)), [...(options.args ?? [])], {
      execPath: options.nodePath,
      execArgv: [...options.execArgv],
      env: options.env,
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    const stderr = child.stderr as (Readable & { ref(): void; unref(): void }) | null;
    let errors = "";
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-keptErrors);
    });
    let mostBytes = Number.POSITIVE_INFINITY;
    let watch: NodeJS.Timeout | undefined;
    let overLimit = false;
    const look = () => {
      if ((residentBytes(child.pid) ?? 0) <= mostBytes) return;
      overLimit = true;
      child.kill("SIGKILL");
    };

    child.on("message", (message) => {
      const received = message as FromWorker;
      if (received.type === "done") clearInterval(watch);
      events.message(received);
    });
    child.on("error", (error) => events.died(error.message, false));
    // After its last words on stderr.
    child.on("close", (code, signal) => {
      clearInterval(watch);
      events.died(`its process ended with ${signal ?? `code ${code}`}`, overLimit || outOfMemoryWords.test(errors));
    });

    return {
      post(message) {
        if (!child.connected) return;
        if (message.type === "open") mostBytes = options.residentLimit?.(message.memoryBytes) ?? mostBytes;
        if (message.type === "run") {
          clearInterval(watch);
          watch = setInterval(look, watchMs);
        }
        // If the process has just ended, its own event says so.
        child.send(message, () => undefined);
      },
      keepAlive(needed) {
        const how = needed ? "ref" : "unref";
        child[how]();
        child.channel?.[how]();
        stderr?.[how]();
      },
      stop() {
        clearInterval(watch);
        // Keeps the host alive until the process has ended.
        child.ref();
        child.kill("SIGKILL");
        return ended;
      },
    };
  });
