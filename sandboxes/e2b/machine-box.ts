/** A box that is a remote machine: each agent is a command of the SDK, over its standard input and output. */
import { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CommandHandle, Sandbox as Machine } from "e2b";
import { BenchError, isBenchError } from "../../bench/types/index.ts";
import { type AgentBox, type AgentEnd, boxFailure } from "../agent/box.ts";
import { agentChannel, readyMessage } from "../agent/channel.ts";
import { agentEnvironment, nodeArguments } from "../agent/node-arguments.ts";
import { lineFrames } from "./line-frames.ts";
import type { Service } from "./service.ts";

/** In the guest's home folder, to which the SDK's relative paths lead; a template may start commands elsewhere. */
const folder = ".mcp-code-bench";
export const agentPath = `${folder}/agent.mjs`;

/** Milliseconds that the machine lives without a sign of ours, and between two signs: what a crash leaves ends by itself. */
export const lifeMs = 300_000;
const renewalMs = 100_000;
/** Bytes of one request to standard input: of a moderate size, whatever stands between here and there. */
const inputBytes = 2 ** 20;
/** Characters of stderr kept, enough to tell why an engine gave up. */
const keptErrorText = 20_000;
/** Milliseconds for the news of a process' end to come, once its input fails. */
const newsMs = 2_000;
/** What the start says when Node is missing or too old. */
const wrongNode = 97;
const begin = "mcp-code-bench agent";

/**
 * A shell's command that becomes the agent, leader of its process group. It ends `previous`, an agent and all that this
 * left behind, which costs no request of its own. Standard output begins with a fixed line, after what a profile printed.
 */
function startCommand(memoryBytes: number, previous: number | undefined): string {
  const environment = Object.entries(agentEnvironment).map(([name, value]) => `${name}=${value}`);
  return [
    ...(previous === undefined ? [checkNode] : [`kill -9 -- -${previous} 2>/dev/null`]),
    `cd && mkdir -p ${folder}/workspace && cd ${folder}/workspace || exit`,
    // E2B starts commands in its own group. The fifth field of proc_pid_stat(5): for a leader, setsid would fork, and the
    // agent have another number than the command.
    `read -r _ _ _ _ group _ </proc/$$/stat; [ "$group" = $$ ] || lead=setsid`,
    `echo; echo ${begin}`,
    `exec $lead env -i PATH="$PATH" ${environment.join(" ")} node ${nodeArguments(memoryBytes).join(" ")} ../agent.mjs lines`,
  ].join("\n");
}

const checkNode = `version=$(node --version 2>&1)
case $version in v2[4-9].*|v[3-9][0-9].*) ;; *) echo "$version" >&2; exit ${wrongNode};; esac`;

export interface MachineBoxOptions {
  readonly sandbox: string;
  readonly service: Service;
  /** The box ends it. */
  readonly machine: Machine;
  readonly template: string;
  readonly memoryBytes: number;
}

interface RunningAgent {
  readonly handle: CommandHandle;
  readonly ended: Promise<AgentEnd>;
}

/** The agent's bundle lies at `agentPath` already. */
export function machineBox(options: MachineBoxOptions): AgentBox {
  const { sandbox, service, machine, template } = options;
  let destroyed: Promise<void> | undefined;
  let current: CommandHandle | undefined;
  let previous: number | undefined;
  // A request that fails is told by what else fails with it.
  const renewal = setInterval(() => void machine.setTimeout(lifeMs).catch(() => undefined), renewalMs).unref();

  async function start(onText: (text: string) => void): Promise<RunningAgent> {
    let errorText = "";
    const onStderr = (text: string) => {
      errorText = (errorText + text).slice(-keptErrorText);
    };
    const command = startCommand(options.memoryBytes, previous);
    // It lives as long as its session; `timeoutMs` would end it.
    const settings = { background: true, stdin: true, timeoutMs: 0, onStdout: onText, onStderr } as const;
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
    async nextAgent() {
      if (destroyed !== undefined) throw boxFailure(sandbox, "it is closed");
      const lines = lineFrames(begin);
      const { handle, ended } = await start(lines.add);
      current = handle;
      previous = handle.pid;
      const input = inputOf(handle, service);
      const inputFailed = new Promise<AgentEnd>((resolve) => {
        const tell = async (error: Error) => {
          // An agent that ended takes no input either, and how it ended is the better answer.
          await delay(newsMs);
          resolve(lost(isBenchError(error, "SANDBOX_UNAVAILABLE") ? error.details.reason : error.message, ""));
        };
        input.once("error", (error) => void tell(error));
      });
      const channel = agentChannel(lines.frames, input);
      const failed = ended.then(({ code, errorText }) => {
        throw code === wrongNode
          ? nodeFailure(sandbox, template, errorText)
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

/** A negative code is a signal. Nobody else is in the machine: one that kills is the kernel's, for memory, or the program's own. */
function endOf(exitCode: number, error: string, errorText: string): AgentEnd {
  if (exitCode >= 0) return { code: exitCode, signal: null, errorText, outOfMemory: false };
  return { code: null, signal: error || "a signal", errorText, outOfMemory: /\bkilled\b/i.test(error) };
}

const lost = (what: string, errorText: string): AgentEnd => ({ code: null, signal: what, errorText, outOfMemory: false });

const nodeFailure = (sandbox: string, template: string, found: string) =>
  new BenchError("SANDBOX_UNAVAILABLE", {
    sandbox,
    reason: `its template ${template} has no Node 24 or later (node --version: ${found.trim().slice(0, 200)})`,
    fix: `Build one with the e2b package, Template.build(Template().fromNodeImage("24"), "node-24"), and set E2B_TEMPLATE=node-24.`,
  });

/** Requests go one after another, as bytes must; what waits meanwhile goes together in the next. */
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
