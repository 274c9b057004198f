/** Starts a program's process in a group of its own, and ends the whole group. */
import { type ChildProcess, spawn } from "node:child_process";
import { kill } from "node:process";
import { fileURLToPath } from "node:url";
import { codeUrl } from "../guest-files.ts";
import type { FromChild, ToChild } from "./protocol.ts";

/** Milliseconds that a dead process' pipes may stay open, held by something that left its group. */
const drainMs = 250;
/** Characters of stderr kept, enough to tell why V8 gave up. */
const keptErrorText = 20_000;

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to stderr: programs do not write there, but an engine that gives up does. */
  readonly errorText: string;
  /** Why it could not be started. */
  readonly failure?: Error;
}

export interface GuestProcess {
  readonly pid: number | undefined;
  send(message: ToChild): void;
  /** Kills the group; resolves when the process is gone and its output is read. Idempotent. */
  end(): Promise<ProcessEnd>;
  readonly ended: Promise<ProcessEnd>;
}

export interface ProcessListener {
  message(message: FromChild): void;
  output(text: string): void;
}

/** Starts the process in `folder`, with nothing of the host's environment. Not being able to start is an end, too. */
export function startGuestProcess(
  nodePath: string,
  folder: string,
  memoryBytes: number,
  listener: ProcessListener,
): GuestProcess {
  const heapMb = Math.max(16, Math.floor(memoryBytes / 2 ** 20));
  const child: ChildProcess = spawn(
    nodePath,
    ["--disable-warning=ExperimentalWarning", `--max-old-space-size=${heapMb}`, fileURLToPath(codeUrl("subprocess/child"))],
    {
      cwd: folder,
      // Nothing of the host's. The time zone is fixed so that dates print as on every other backend.
      env: { TZ: "UTC" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      detached: true,
    },
  );
  const ended = Promise.withResolvers<ProcessEnd>();
  let errorText = "";

  const killGroup = () => {
    if (child.pid === undefined) return;
    try {
      kill(-child.pid, "SIGKILL");
    } catch (error) {
      // ESRCH: the group is gone, which is what was wanted.
      if ((error as { code?: string }).code !== "ESRCH") throw error;
    }
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => listener.output(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-keptErrorText);
  });
  child.on("message", (message) => listener.message(message as FromChild));
  child.on("error", (failure) => {
    if (child.pid === undefined) ended.resolve({ code: null, signal: null, errorText, failure });
  });
  const settle = (code: number | null, signal: NodeJS.Signals | null) => {
    ended.resolve({ code, signal, errorText });
  };
  child.on("exit", (code, signal) => {
    killGroup();
    const drained = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      settle(code, signal);
    }, drainMs);
    child.on("close", () => {
      clearTimeout(drained);
      settle(code, signal);
    });
  });

  return {
    pid: child.pid,
    send(message) {
      // The callback takes the error of a channel that closed meanwhile; the process' end tells the story.
      if (child.connected) child.send(message, () => undefined);
    },
    async end() {
      killGroup();
      return ended.promise;
    },
    ended: ended.promise,
  };
}
