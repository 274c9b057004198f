/** A box whose runners are the host's own child processes, each in a process group of its own, over standard input and output. */
import { type ChildProcess, spawn } from "node:child_process";
import { kill } from "node:process";
import { ownerEnvironment } from "../../../machine/orphans.ts";
import { residentBytesOf } from "../../../machine/resident-bytes.ts";
import { boxFailure, type RunnerBox, type RunnerEnd } from "./box.ts";
import { readyMessage, runnerChannel } from "./channel.ts";

/** Milliseconds that something outside the process group may hold a dead process' pipes open. */
const drainMs = 250;
/** Turns of the event loop after that, as long as each finds more. */
const mostLooks = 100;
/** Characters of stderr kept, enough to show why an engine gave up. */
const keptErrorText = 20_000;

export interface ProcessBoxOptions {
  /** Id of the backend, for messages. */
  readonly sandbox: string;
  /**
   * Program and arguments of each runner; they end with the runner's file and `stdio`. Without a slash the program is looked
   * for in the `PATH` of `env`, and in /bin and /usr/bin if it has none.
   */
  readonly command: readonly [string, ...string[]];
  /** Absolute path of the folder that each runner starts in: it is the guest's workspace. The caller makes it. */
  readonly folder: string;
  /**
   * The whole environment of the command. Only the owner is added, by which `endOrphans` finds it. The runner hides all of
   * it but `TZ` from its program.
   */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Whether the kernel ended something of this box for its memory since the last call. Called whenever a runner has ended;
   * `true` makes that end the limit `memory`. Absent: only an engine that says so itself ran out of memory.
   */
  wasOutOfMemory?(): boolean;
  /** Called once, when no process of the box is left. Removes what the box had on the host. Never rejects. */
  clean(): Promise<void>;
}

interface RunnerProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<RunnerEnd & { readonly failure?: Error }>;
  killGroup(): void;
}

function startProcess({ command, folder, env, wasOutOfMemory }: ProcessBoxOptions): RunnerProcess {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...env, ...ownerEnvironment() },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const ended = Promise.withResolvers<RunnerEnd & { readonly failure?: Error }>();
  let errorText = "";
  const killGroup = () => {
    if (child.pid === undefined) return;
    try {
      kill(-child.pid, "SIGKILL");
    } catch (error) {
      // ESRCH: the group is gone already.
      if ((error as { code?: string }).code !== "ESRCH") throw error;
    }
  };
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-keptErrorText);
  });
  child.on("error", (failure) => {
    if (child.pid === undefined) ended.resolve({ code: null, signal: null, errorText, outOfMemory: false, failure });
  });
  child.on("exit", (code, signal) => {
    killGroup();
    const settle = () => ended.resolve({ code, signal, errorText, outOfMemory: wasOutOfMemory?.() === true });
    let read = false;
    child.stdout.on("data", () => {
      read = true;
    });
    let looks = 0;
    // On a busy host the timer may fire before the pipe is read, which holds the last words.
    const look = () => {
      if (looks++ === 0 || (read && looks < mostLooks)) {
        read = false;
        pending = setImmediate(look);
        return;
      }
      child.stdout.destroy();
      child.stderr.destroy();
      settle();
    };
    let pending: NodeJS.Immediate | undefined;
    const drained = setTimeout(look, drainMs);
    child.on("close", () => {
      clearTimeout(drained);
      clearImmediate(pending);
      settle();
    });
  });
  return { child, ended: ended.promise, killGroup };
}

/**
 * A box for `runnerSessions` whose runners are child processes of this one, one after another, each in a process group of
 * its own. The box limits nothing and keeps the guest from nothing: the command has to. A limit on memory or processes has
 * to hold from the command's first instruction on (`groupedBox`), or what it forks at its start may escape.
 *
 * The session ends a JavaScript program's runner with its program, and everything else when it closes; then it calls
 * `clean`. To end a runner is to kill its process group. What has left the group ends only if the command sees to it (a
 * PID namespace, a control group as in `groupedBox`). Otherwise it lives on beside the next program's runner, and may trace
 * it and speak for it where it runs as the same user.
 *
 * `nextRunner` rejects with SANDBOX_UNAVAILABLE if the command cannot be started or ends before its runner is ready, with
 * what it wrote to stderr. `residentBytes` counts the process groups and their descendants.
 */
export function processBox(options: ProcessBoxOptions): RunnerBox {
  const running = new Set<RunnerProcess>();
  let destroyed: Promise<void> | undefined;

  const end = async (runner: RunnerProcess) => {
    runner.killGroup();
    await runner.ended;
    running.delete(runner);
  };
  return {
    async nextRunner() {
      if (destroyed !== undefined) throw boxFailure(options.sandbox, "it is closed");
      const runner = startProcess(options);
      const { child } = runner;
      running.add(runner);
      if (child.stdin === null || child.stdout === null) throw boxFailure(options.sandbox, "its process has no pipes");
      const channel = runnerChannel(child.stdout, child.stdin);
      const failed = runner.ended.then(({ failure, errorText }) => {
        const reason =
          failure === undefined
            ? `its process ended at its start: ${errorText}`
            : `its process cannot be started: ${failure.message}`;
        throw boxFailure(options.sandbox, reason, failure);
      });
      failed.catch(() => undefined);
      try {
        await Promise.race([readyMessage(channel), failed]);
      } catch (error) {
        await end(runner);
        throw error;
      }
      return { ...channel, ended: runner.ended, release: () => end(runner) };
    },
    async residentBytes() {
      return await residentBytesOf([...running].flatMap(({ child: { pid } }) => (pid === undefined ? [] : [pid])));
    },
    destroy() {
      destroyed ??= Promise.all([...running].map(end)).then(() => options.clean());
      return destroyed;
    },
  };
}
