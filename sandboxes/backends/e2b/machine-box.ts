/** A box that is a remote machine: each runner is a command of the SDK, over its standard input and output. */
import { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CommandHandle, Sandbox as Machine } from "e2b";
import { BenchError, isBenchError } from "../../../contract/index.ts";
import { boxFailure, type RunnerBox, type RunnerEnd } from "../../host/runner/box.ts";
import { lineChannel, readyMessage } from "../../host/runner/channel.ts";
import type { Service } from "./service.ts";

/** Milliseconds that the machine lives without a sign of ours, and between two signs. So machines end by themselves after a crash. */
export const lifeMs = 300_000;
const renewalMs = 100_000;
/** Bytes of one request to standard input: of a moderate size, whatever stands between here and there. */
const inputBytes = 2 ** 20;
/** Characters of stderr kept, enough to show why an engine gave up. */
const keptErrorText = 20_000;
/** Milliseconds for the news of a process' end to come, once its input fails. */
const newsMs = 2_000;
/** What a start says when its engine is missing or too old. */
export const wrongEngine = 97;
/** The line after which standard output is the runner's: a profile may print before. */
export const begin = "mcp-code-bench runner";

/** The runner for a language: its files, and how the machine's own engine runs it. */
export interface MachineRunner {
  /** The user who starts it; absent: the template's default user. */
  readonly user?: "root";
  /** Puts the files into the machine. */
  install(machine: Machine): Promise<unknown>;
  /**
   * A shell's command that prints the line `begin`, then becomes the runner, which sends lines. `previous`: process id of the
   * start before it in this machine. It exits with `wrongEngine`, and what it found on stderr, where the engine is not as
   * `needs` says.
   */
  startCommand(previous: number | undefined): string;
  /** E.g. `Node 24 or later`; the command that checks; how to make a template that has it. */
  readonly needs: { readonly engine: string; readonly question: string; readonly fix: string };
}

export interface MachineBoxOptions {
  readonly sandbox: string;
  readonly service: Service;
  /** The box ends it. */
  readonly machine: Machine;
  readonly template: string;
  /** Installed already. */
  readonly runner: MachineRunner;
}

interface RunningRunner {
  readonly handle: CommandHandle;
  readonly ended: Promise<RunnerEnd>;
}

export function machineBox({ sandbox, service, machine, template, runner }: MachineBoxOptions): RunnerBox {
  let destroyed: Promise<void> | undefined;
  let current: CommandHandle | undefined;
  let previous: number | undefined;
  // A request that fails shows in what else fails with it.
  const renewal = setInterval(() => void machine.setTimeout(lifeMs).catch(() => undefined), renewalMs).unref();

  async function start(onText: (text: string) => void): Promise<RunningRunner> {
    let errorText = "";
    const onStderr = (text: string) => {
      errorText = (errorText + text).slice(-keptErrorText);
    };
    const command = runner.startCommand(previous);
    const user = runner.user === undefined ? {} : { user: runner.user };
    // It lives as long as its session; `timeoutMs` would end it.
    const settings = { ...user, background: true, stdin: true, timeoutMs: 0, onStdout: onText, onStderr } as const;
    const handle = await service.ask("its process cannot be started", machine.commands.run(command, settings));
    const ended = handle.wait().then(
      () => endOf(0, "", errorText),
      (error: unknown) => {
        if (error instanceof service.sdk.CommandExitError) return endOf(error.exitCode, error.error ?? "", errorText);
        return lost(service.failure("the loss of its connection", error).details.reason, errorText);
      },
    );
    return { handle, ended };
  }

  return {
    async nextRunner() {
      if (destroyed !== undefined) throw boxFailure(sandbox, "it is closed");
      let hear: ((text: string) => void) | undefined;
      let early = "";
      const { handle, ended } = await start((text) => {
        if (hear === undefined) early += text;
        else hear(text);
      });
      current = handle;
      previous = handle.pid;
      const input = inputOf(handle, service);
      const inputFailed = new Promise<RunnerEnd>((resolve) => {
        const tell = async (error: Error) => {
          // A runner that has ended takes no input either, and how it ended says more.
          await delay(newsMs);
          resolve(lost(isBenchError(error, "SANDBOX_UNAVAILABLE") ? error.details.reason : error.message, ""));
        };
        input.once("error", (error) => void tell(error));
      });
      const { channel, add } = lineChannel(input, begin);
      hear = add;
      add(early);
      const failed = ended.then(({ code, errorText }) => {
        throw code === wrongEngine
          ? engineFailure(sandbox, template, runner, errorText)
          : boxFailure(sandbox, `its process ended at its start: ${errorText}`);
      });
      await Promise.race([readyMessage(channel), failed]);
      return {
        ...channel,
        ended: Promise.race([ended, inputFailed]),
        // The next start ends it.
        release: () => handle.disconnect(),
      };
    },
    residentBytes: async () => null,
    destroy() {
      destroyed ??= (async () => {
        clearInterval(renewal);
        // A server that does not answer ends the machine when its life is over.
        await service.ask("it does not end", machine.kill()).catch(() => undefined);
        await current?.disconnect();
      })();
      return destroyed;
    },
  };
}

/** A negative code is a signal. In the machine, SIGKILL comes from the kernel, for memory, or from the program itself. */
function endOf(exitCode: number, error: string, errorText: string): RunnerEnd {
  if (exitCode >= 0) return { code: exitCode, signal: null, errorText, outOfMemory: false };
  const words = /^signal: (.*?)(?: \(core dumped\))?$/.exec(error)?.[1] ?? "";
  const signal = signalWords.find(([, said]) => said === words)?.[0];
  return { code: null, signal: signal ?? (error || "a signal"), errorText, outOfMemory: signal === "SIGKILL" };
}

/** How Go, which E2B's machines are told by, words signals on Linux. */
export const signalWords: readonly (readonly [NodeJS.Signals, string])[] = [
  ["SIGKILL", "killed"],
  ["SIGABRT", "aborted"],
  ["SIGBUS", "bus error"],
  ["SIGFPE", "floating point exception"],
  ["SIGILL", "illegal instruction"],
  ["SIGSEGV", "segmentation fault"],
  ["SIGTERM", "terminated"],
  ["SIGTRAP", "trace/breakpoint trap"],
];

const lost = (what: string, errorText: string): RunnerEnd => ({ code: null, signal: what, errorText, outOfMemory: false });

const engineFailure = (sandbox: string, template: string, { needs }: MachineRunner, found: string) =>
  new BenchError("SANDBOX_UNAVAILABLE", {
    sandbox,
    reason: `its template ${template} has no ${needs.engine} (${needs.question}: ${found.trim().slice(0, 200)})`,
    fix: needs.fix,
  });

/** Requests go one after another, to keep the order of bytes. What waits meanwhile goes together in the next. */
function inputOf(handle: CommandHandle, service: Service): Writable {
  const send = async (bytes: Buffer) => {
    for (let start = 0; start < bytes.length; start += inputBytes) {
      await service.ask("a failure of its input", handle.sendStdin(bytes.subarray(start, start + inputBytes)));
    }
  };
  return new Writable({
    write: (bytes: Buffer, _encoding, done) => void send(bytes).then(() => done(), done),
    writev: (waiting, done) => void send(Buffer.concat(waiting.map(({ chunk }) => chunk as Buffer))).then(() => done(), done),
  });
}
