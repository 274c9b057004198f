/** just-bash (Vercel): a shell in JavaScript, whose `js-exec` runs programs in QuickJS and calls tools of the host. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  BenchError,
  type Execution,
  type ExecutionOutcome,
  type ExecutorFactory,
  type JsonObject,
} from "../../../contract/index.ts";
import { startedCode } from "../../started-code.ts";
import { within } from "./deadline.ts";
import { availabilityOf, installedVersion } from "./installed.ts";

const id = "just-bash";

export type ToBash =
  | { readonly type: "execute"; readonly program: string; readonly timeoutMs: number }
  | { readonly type: "reply"; readonly id: number; readonly ok: boolean; readonly text: string };
export type FromBash =
  | { readonly type: "ready" }
  | { readonly type: "call"; readonly id: number; readonly tool: string; readonly argsJson: string }
  | { readonly type: "done"; readonly endJson: string; readonly output: string };

export const justBash: ExecutorFactory = (host) => {
  const children = new Set<ChildProcess>();

  const start = (): ChildProcess => {
    const child = fork(fileURLToPath(startedCode("checks/executors/just-bash-child")), {
      execPath: host.nodePath,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: { TZ: "UTC" },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    children.add(child);
    child.once("exit", () => children.delete(child));
    return child;
  };

  function play(child: ChildProcess, { program, tools, timeoutMs }: Execution): Promise<ExecutionOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<ExecutionOutcome>();
    const tell = (message: ToBash) => {
      if (child.connected) child.send(message, () => undefined);
    };
    const answer = async ({ id: call, tool, argsJson }: Extract<FromBash, { type: "call" }>) => {
      try {
        const run = Object.hasOwn(tools, tool) ? tools[tool] : undefined;
        if (run === undefined) throw new Error(`no tool ${tool}`);
        const result = await run((argsJson === "" ? {} : JSON.parse(argsJson)) as JsonObject);
        tell({ type: "reply", id: call, ok: true, text: result === undefined ? "" : JSON.stringify(result) });
      } catch (error) {
        tell({ type: "reply", id: call, ok: false, text: (error as Error).message });
      }
    };
    child.on("message", (message: FromBash) => {
      if (message.type === "call") void answer(message);
      else if (message.type === "done") resolve(outcomeOf(message.endJson, message.output));
    });
    ended(child).catch(reject);
    tell({ type: "execute", program, timeoutMs });
    return promise;
  }

  /** Rejects when the process has ended. */
  const ended = async (child: ChildProcess): Promise<never> => {
    const [code, signal] = await once(child, "exit");
    const reason = `its process ended with ${signal ?? `code ${code}`}`;
    throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason, fix: "Run npm install just-bash." });
  };

  return {
    id,
    title: "just-bash: js-exec, QuickJS behind a shell",
    version: `just-bash ${installedVersion("just-bash") ?? "(not installed)"}`,
    available: async () => availabilityOf("just-bash"),
    async execute(execution) {
      const child = start();
      try {
        // How long a process takes to start is not the program's time.
        await Promise.race([once(child, "message"), ended(child)]);
        return await within(execution.timeoutMs, play(child, execution), () => ({ status: "killed", output: "" }));
      } finally {
        child.kill("SIGKILL");
      }
    },
    async dispose() {
      for (const child of children) child.kill("SIGKILL");
    },
  };
};

function outcomeOf(endJson: string, output: string): ExecutionOutcome {
  const { result, error } = JSON.parse(endJson) as { result?: unknown; error?: string };
  return error === undefined ? { status: "returned", result, output } : { status: "threw", error, output };
}
