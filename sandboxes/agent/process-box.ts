/** A box whose agents are the host's own child processes, each in a process group of its own, over standard input and output. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { kill } from "node:process";
import { ownerEnvironment } from "../orphans.ts";
import { type AgentBox, type AgentEnd, boxFailure } from "./box.ts";
import { agentChannel, readyMessage } from "./channel.ts";

/** Milliseconds that a dead process' pipes may stay open, held by something that left its group. */
const drainMs = 250;
/** Characters of stderr kept, enough to tell why an engine gave up. */
const keptErrorText = 20_000;

export interface ProcessBoxOptions {
  readonly sandbox: string;
  /** Program and arguments of each agent. */
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  /** Nothing of the host's environment is added; the owner is, which the agent takes out again. */
  readonly env: Readonly<Record<string, string>>;
  /** Called right after a start, before the agent is ready: e.g. to put it into a control group. Rejections end the agent. */
  onStart?(pid: number): Promise<void>;
  /** Whether the kernel ended something of this box for its memory since the last question. */
  wasOutOfMemory?(): boolean;
  /** Called once, when no process of the box is left; removes what it had on the host. Never rejects. */
  clean(): Promise<void>;
}

interface AgentProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<AgentEnd & { readonly failure?: Error }>;
  killGroup(): void;
}

function startProcess({ command, folder, env, wasOutOfMemory }: ProcessBoxOptions): AgentProcess {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...env, ...ownerEnvironment() },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const ended = Promise.withResolvers<AgentEnd & { readonly failure?: Error }>();
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
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-keptErrorText);
  });
  child.on("error", (failure) => {
    if (child.pid === undefined) ended.resolve({ code: null, signal: null, errorText, outOfMemory: false, failure });
  });
  child.on("exit", (code, signal) => {
    killGroup();
    const settle = () => ended.resolve({ code, signal, errorText, outOfMemory: wasOutOfMemory?.() === true });
    const drained = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
      settle();
    }, drainMs);
    child.on("close", () => {
      clearTimeout(drained);
      settle();
    });
  });
  return { child, ended: ended.promise, killGroup };
}

export function processBox(options: ProcessBoxOptions): AgentBox {
  const running = new Set<AgentProcess>();
  let destroyed: Promise<void> | undefined;

  const end = async (agent: AgentProcess) => {
    agent.killGroup();
    await agent.ended;
    running.delete(agent);
  };
  return {
    async nextAgent() {
      if (destroyed !== undefined) throw boxFailure(options.sandbox, "it is closed");
      const agent = startProcess(options);
      const { child } = agent;
      running.add(agent);
      if (child.stdin === null || child.stdout === null) throw boxFailure(options.sandbox, "its process has no pipes");
      const channel = agentChannel(child.stdout, child.stdin);
      const failed = agent.ended.then(({ failure, errorText }) => {
        const reason =
          failure === undefined
            ? `its process ended at its start: ${errorText}`
            : `its process cannot be started: ${failure.message}`;
        throw boxFailure(options.sandbox, reason, failure);
      });
      failed.catch(() => undefined);
      try {
        if (child.pid !== undefined) await options.onStart?.(child.pid);
        await Promise.race([readyMessage(channel), failed]);
      } catch (error) {
        await end(agent);
        throw error;
      }
      return { ...channel, ended: agent.ended, release: () => end(agent) };
    },
    async residentBytes() {
      const sizes = await Promise.all([...running].map(({ child }) => residentBytes(child.pid)));
      return sizes.length === 0 || sizes.includes(null) ? null : sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
    },
    destroy() {
      destroyed ??= Promise.all([...running].map(end)).then(() => options.clean());
      return destroyed;
    },
  };
}

/** `null` without a process, and where there is no /proc. */
async function residentBytes(pid: number | undefined): Promise<number | null> {
  if (pid === undefined) return null;
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
