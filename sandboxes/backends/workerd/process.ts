/** One workerd process, as the host holds it: isolates are asked for over a Unix socket, and speak on its output. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type ClientRequest, request } from "node:http";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { ownerEnvironment } from "../../../machine/orphans.ts";
import { lineReader, maxLineLength } from "../../host/runner/line-frames.ts";

/** Milliseconds in which a process has to listen, and an isolate to be ready. */
const patienceMs = 45_000;
const keptErrors = 20_000;
/** Of a line, before its frame: whose it is. */
const nameLength = 16;
const pageBytes = 4096;
/** What V8 prints when its heap has met its limit. */
const outOfMemory = /out of memory|heap limit|allocation failed/i;

export interface Isolate {
  /** Resident bytes of its process before it began to run. */
  readonly startBytes: number;
  /** Body of its request. */
  readonly input: Writable;
  /** Gets its lines from now on. */
  listen(listener: (line: string) => void): void;
  /** Stops using it: workerd ends it when it has nothing more to read. */
  leave(): void;
}

export interface ProcessEnd {
  readonly reason: string;
  readonly outOfMemory: boolean;
}

export interface WorkerdProcess {
  readonly ended: Promise<ProcessEnd>;
  /** Rejects when the process ends, or is too slow. */
  newIsolate(): Promise<Isolate>;
  /** `null` where the kernel does not report it. */
  residentBytes(): number | null;
  keepAlive(needed: boolean): void;
  /** Resolves when it is gone. Idempotent. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  readonly binary: string;
  readonly config: string;
  readonly tmpDir: string;
}

export function startWorkerd({ binary, config, tmpDir }: ProcessOptions): WorkerdProcess {
  const folder = mkdtempSync(join(tmpDir, "workerd-"));
  const socketPath = join(folder, "host");
  const child = spawn(binary, ["serve", "--experimental", config, `--socket-addr=host=unix:${socketPath}`, "--control-fd=3"], {
    env: { TZ: "UTC", ...ownerEnvironment() },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [, output, errors, control] = child.stdio as unknown as (Readable & { ref(): void; unref(): void })[];
  const ended = Promise.withResolvers<ProcessEnd>();
  let errorText = "";
  errors?.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-keptErrors);
  });
  const settle = (reason: string) => {
    rmSync(folder, { recursive: true, force: true });
    ended.resolve({ reason: `${reason} ${errorText}`.trim(), outOfMemory: outOfMemory.test(errorText) });
  };
  child.on("error", (error) => settle(error.message));
  child.on("close", (code, signal) => settle(`its process ended with ${signal ?? `code ${code}`}`));
  const listening = new Promise<void>((resolve) => control?.once("data", () => resolve()));
  // Read to its end, so that it does not stop the process.
  control?.resume();

  const listeners = new Map<string, (line: string) => void>();
  const hear = lineReader(maxLineLength + nameLength, (line) => {
    if (line === undefined) return child.kill("SIGKILL");
    const blank = line.indexOf(" ");
    listeners.get(line.slice(0, blank))?.(line.slice(blank + 1));
  });
  output?.setEncoding("utf8").on("data", hear);

  let nextIsolate = 1;
  const requests = new Set<ClientRequest>();
  const residentBytes = (): number | null => {
    try {
      return Number(readFileSync(`/proc/${child.pid}/statm`, "latin1").split(" ")[1]) * pageBytes;
    } catch {
      // No /proc, or the process has ended.
      return null;
    }
  };
  let needed = true;

  const open = async (): Promise<Isolate> => {
    await listening;
    const name = String(nextIsolate++);
    const ready = Promise.withResolvers<void>();
    const connection = request({ socketPath, method: "POST", path: `/${name}`, agent: false });
    requests.add(connection);
    connection.on("socket", (socket) => (needed ? socket.ref() : socket.unref()));
    connection.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text = (text + part).slice(0, keptErrors);
      });
      response.on("end", () => ready.reject(new Error(`its isolate ended with status ${response.statusCode} ${text}`)));
      response.on("error", () => undefined);
    });
    // The process has an event of its own for its end.
    connection.on("error", (error) => ready.reject(error));
    connection.on("close", () => requests.delete(connection));
    connection.flushHeaders();
    listeners.set(name, () => ready.resolve());
    await ready.promise;
    listeners.delete(name);
    return {
      startBytes: residentBytes() ?? 0,
      input: connection,
      listen: (listener) => void listeners.set(name, listener),
      leave() {
        listeners.delete(name);
        connection.end();
      },
    };
  };

  return {
    ended: ended.promise,
    newIsolate() {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`it was not ready in ${patienceMs} ms`)), patienceMs);
      const gone = ended.promise.then(({ reason }) => Promise.reject(new Error(reason)));
      return Promise.race([open(), late.promise, gone]).finally(() => clearTimeout(timer));
    },
    residentBytes,
    keepAlive(isNeeded) {
      needed = isNeeded;
      const how = isNeeded ? "ref" : "unref";
      child[how]();
      for (const stream of [output, errors, control]) stream?.[how]();
      for (const connection of requests) connection.socket?.[how]();
    },
    async kill() {
      // Keeps the host alive until the process has ended.
      child.ref();
      child.kill("SIGKILL");
      await ended.promise;
    },
  };
}
