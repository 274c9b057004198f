/** One session of the subprocess backend: a folder on disk, and a process for each program. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import {
  BenchError,
  type OpenOptions,
  type Outcome,
  type Program,
  type RunOptions,
  type SandboxHost,
  type Session,
} from "../../bench/types/index.ts";
import { outcomeOf, type RunVerdict } from "../session/outcome.ts";
import { outputBuffer } from "../session/output.ts";
import { guardRun } from "../session/run-guard.ts";
import { answerCall } from "../session/tool-calls.ts";
import { diskStore } from "../workspace/disk-store.ts";
import { hostPath } from "../workspace/host-path.ts";
import { type FileActivity, FileFault } from "../workspace/workspace.ts";
import { type GuestProcess, type ProcessEnd, startGuestProcess } from "./child-process.ts";
import type { FromChild } from "./protocol.ts";

/** Milliseconds that a process may take until its program begins; they are not the program's. */
const startMs = 10_000;

const unavailable = (reason: string, cause?: unknown) =>
  new BenchError(
    "SANDBOX_UNAVAILABLE",
    { sandbox: "subprocess", reason, fix: "Run it again; if it fails again, leave it out with --sandbox '!subprocess'." },
    { cause },
  );

/** Rejects with SANDBOX_UNAVAILABLE when the folder cannot be made. `onClosed` is called once. */
export async function openSubprocessSession(host: SandboxHost, open: OpenOptions, onClosed: () => void): Promise<Session> {
  let folder: string;
  try {
    folder = await mkdtemp(join(host.tmpDir, "mcp-code-bench-"));
    await writeTree(folder, open.files);
  } catch (cause) {
    throw unavailable(`its folder below ${host.tmpDir} cannot be made`, cause);
  }
  const store = diskStore(folder);
  let current: { readonly guest: GuestProcess; stop(limit: "wallTime" | "aborted"): void } | undefined;
  let closing: Promise<void> | undefined;

  const shut = (): Promise<void> => {
    closing ??= (async () => {
      await current?.guest.end();
      // What left the process group may still write; a folder that cannot be removed must not fail a close.
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => undefined);
      onClosed();
    })();
    return closing;
  };
  const checkOpen = () => {
    if (closing !== undefined) throw new BenchError("SESSION_CLOSED", { sandbox: "subprocess" });
  };

  async function play(program: Program, options: RunOptions): Promise<Outcome> {
    const output = outputBuffer(options.outputBytes);
    const calls = new AbortController();
    let verdict: RunVerdict | BenchError | undefined;
    let report: Report = nothingReported;
    let started = false;
    let issuedCalls = 0;
    let callWaves = 0;

    const settle = (next: RunVerdict | BenchError) => {
      verdict ??= next;
      calls.abort();
      void guestProcess.end();
    };
    const guestProcess = startGuestProcess(host.nodePath, folder, open.memoryBytes, {
      output(text) {
        if (!output.add(text)) settle({ status: "limit-exceeded", limit: "output" });
      },
      message(message) {
        if (verdict !== undefined) return;
        if (message?.type === "started" && !started) {
          started = true;
          unguard();
          // The host alone keeps this deadline, so nobody is to be given grace.
          unguard = guardRun(options, 0, stop);
        } else if (message?.type === "call") {
          issuedCalls++;
          callWaves = Number(message.callWaves) || 0;
          void answer(message.call);
        } else if (message?.type === "done") {
          callWaves = Number(message.callWaves) || 0;
          report = readReport(message);
          settle(report.verdict);
        }
      },
    });
    const answer = async (call: unknown) => {
      const reply = await answerCall(call, options.bridge, calls.signal);
      if (reply !== undefined && verdict === undefined) guestProcess.send({ type: "reply", reply });
    };
    const stop = (limit: "wallTime" | "aborted") => {
      const late = limit === "wallTime" && !started;
      settle(late ? unavailable(`its process did not begin in ${startMs} ms`) : { status: "limit-exceeded", limit });
    };
    current = { guest: guestProcess, stop };
    let unguard = guardRun({ ...options, wallTimeMs: startMs }, 0, stop);
    if (verdict === undefined) guestProcess.send({ type: "run", program, virtualTime: options.virtualTime });

    const end = await guestProcess.ended;
    unguard();
    calls.abort();
    const judged = verdict ?? verdictOf(end, started);
    current = undefined;
    if (judged instanceof BenchError || judged.status === "limit-exceeded") await shut();
    if (judged instanceof BenchError) throw judged;
    const activity = { ...report.files, calls: issuedCalls, callWaves, virtualWaitMs: report.virtualWaitMs };
    return outcomeOf(judged, { text: output.take(), cut: output.isCut() }, options.outputBytes, activity);
  }

  const readable = (path: string) => {
    const inside = hostPath(path);
    try {
      return store.readBytes(inside);
    } catch (cause) {
      if (!(cause instanceof FileFault)) throw cause;
      if (cause.message === "EACCES") throw new BenchError("PATH_OUTSIDE_WORKSPACE", { path }, { cause });
      throw new BenchError("FILE_NOT_FOUND", { path }, { cause });
    }
  };

  return {
    async run(program, options) {
      checkOpen();
      if (current !== undefined) throw new BenchError("SESSION_BUSY", { sandbox: "subprocess" });
      return play(program, options);
    },
    async readFile(path) {
      checkOpen();
      return readable(path);
    },
    async writeFile(path, bytes) {
      checkOpen();
      const inside = hostPath(path);
      try {
        store.stat(dirname(inside));
      } catch (cause) {
        if (cause instanceof FileFault && cause.message === "EACCES") {
          throw new BenchError("PATH_OUTSIDE_WORKSPACE", { path }, { cause });
        }
        await mkdir(dirname(join(folder, inside)), { recursive: true });
      }
      store.write(inside, bytes, false);
    },
    async listFiles() {
      checkOpen();
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .sort();
    },
    async usage() {
      checkOpen();
      return { residentBytes: await residentBytes(current?.guest.pid) };
    },
    async close() {
      current?.stop("aborted");
      await shut();
    },
  };
}

async function writeTree(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const made of new Set([...files.keys()].map((path) => dirname(path))))
    await mkdir(join(folder, made), { recursive: true });
  await Promise.all([...files].map(([path, text]) => writeFile(join(folder, path), text)));
}

interface Report {
  readonly verdict: RunVerdict;
  readonly files: FileActivity;
  readonly virtualWaitMs: number;
}
const nothingReported: Report = { verdict: { status: "returned" }, files: { read: [], wrote: [] }, virtualWaitMs: 0 };

/** A process' last word. It may be the guest's own: whatever its shape, it makes a report and not an error of the host. */
function readReport(message: Partial<Record<keyof Extract<FromChild, { type: "done" }>, unknown>>): Report {
  const strings = (value: unknown) => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);
  const fields = (value: unknown) => (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const files = fields(message.files);
  const thrown = fields(message.thrown);
  return {
    verdict:
      message.thrown === null
        ? { status: "returned" }
        : {
            status: "threw",
            thrown: { name: String(thrown.name), message: String(thrown.message), stack: String(thrown.stack) },
          },
    files: { read: strings(files.read), wrote: strings(files.wrote) },
    virtualWaitMs: Number(message.virtualWaitMs) || 0,
  };
}

const ownEnd = (message: string): RunVerdict => ({ status: "threw", thrown: { name: "Error", message, stack: "" } });

/** A process that ended without a report: by its program, by its memory, or by somebody else. */
function verdictOf(end: ProcessEnd, started: boolean): RunVerdict | BenchError {
  if (end.failure !== undefined) return unavailable(`its process cannot be started: ${end.failure.message}`, end.failure);
  if (!started) return unavailable(`its process ended before the program began: ${end.errorText}`);
  if (end.errorText.includes("heap out of memory")) return { status: "limit-exceeded", limit: "memory" };
  if (end.code !== null) return ownEnd(`The program ended its process with code ${end.code}`);
  return unavailable(`its process was ended by ${end.signal}`);
}

/** `null` without a process, and where there is no /proc. */
async function residentBytes(pid: number | undefined): Promise<number | null> {
  if (pid === undefined) return null;
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
