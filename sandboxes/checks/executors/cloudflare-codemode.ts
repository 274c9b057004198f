/**
 * Cloudflare's Code Mode executor, in workerd with a worker loader: what its authors run it on. One process serves all
 * executions, so one that the host has to end takes those beside it along.
 */
import { rmSync } from "node:fs";
import {
  BenchError,
  type Execution,
  type ExecutionOutcome,
  type ExecutorFactory,
  type JsonObject,
} from "../../../contract/index.ts";
import { installedWorkerd } from "../../backends/workerd/installed.ts";
import { type Isolate, startWorkerd, type WorkerdProcess } from "../../backends/workerd/process.ts";
import { writeCodemode } from "./codemode/files.ts";
import { within } from "./deadline.ts";
import { availabilityOf, installedVersion } from "./installed.ts";

const id = "cloudflare-codemode";

export type ToCodemode =
  | { readonly type: "execute"; readonly program: string; readonly tools: readonly string[]; readonly timeoutMs: number }
  | { readonly type: "reply"; readonly id: number; readonly ok: boolean; readonly value: unknown };
export type FromCodemode =
  | { readonly type: "ready" }
  | { readonly type: "call"; readonly id: number; readonly tool: string; readonly input: unknown }
  | { readonly type: "done"; readonly result: unknown; readonly error: string | null; readonly logs: readonly string[] };

export const cloudflareCodemode: ExecutorFactory = (host) => {
  let files: { readonly folder: string; readonly config: string } | undefined;
  let running: WorkerdProcess | undefined;

  const unavailable = (reason: string, cause?: unknown) =>
    new BenchError(
      "SANDBOX_UNAVAILABLE",
      { sandbox: id, reason, fix: "Run npm install @cloudflare/codemode workerd." },
      { cause },
    );
  const started = (): WorkerdProcess => {
    if (running !== undefined) return running;
    files ??= writeCodemode(host.tmpDir);
    const made = startWorkerd({
      binary: installedWorkerd()?.binary ?? "",
      config: files.config,
      tmpDir: host.tmpDir,
    });
    running = made;
    void made.ended.then(() => {
      if (running === made) running = undefined;
    });
    return made;
  };

  function play(isolate: Isolate, { program, tools, timeoutMs }: Execution): Promise<ExecutionOutcome> {
    const { promise, resolve } = Promise.withResolvers<ExecutionOutcome>();
    const send = (message: ToCodemode) => isolate.input.write(`${JSON.stringify(message)}\n`);
    const answer = async ({ id: call, tool, input }: Extract<FromCodemode, { type: "call" }>) => {
      try {
        const run = Object.hasOwn(tools, tool) ? tools[tool] : undefined;
        if (run === undefined) throw new Error(`no tool ${tool}`);
        send({ type: "reply", id: call, ok: true, value: (await run(input as JsonObject)) ?? null });
      } catch (error) {
        send({ type: "reply", id: call, ok: false, value: (error as Error).message });
      }
    };
    isolate.listen((line) => {
      const message = JSON.parse(line) as FromCodemode;
      if (message.type === "call") void answer(message);
      if (message.type !== "done") return;
      const output = message.logs.map((log) => `${log}\n`).join("");
      if (message.error === null) resolve({ status: "returned", result: message.result, output });
      else resolve({ status: "threw", error: message.error, output });
    });
    send({ type: "execute", program, tools: Object.keys(tools), timeoutMs });
    return promise;
  }

  return {
    id,
    title: "@cloudflare/codemode: DynamicWorkerExecutor in workerd",
    version: `@cloudflare/codemode ${installedVersion("@cloudflare/codemode") ?? "(not installed)"}`,
    available: async () => availabilityOf("@cloudflare/codemode", "workerd"),
    async execute(execution) {
      const used = started();
      const isolate = await used.newIsolate().catch(async (cause: Error) => {
        await used.kill();
        throw unavailable(cause.message, cause);
      });
      const gone = used.ended.then((): ExecutionOutcome => ({ status: "killed", output: "" }));
      const late = (): ExecutionOutcome => {
        if (running === used) running = undefined;
        void used.kill();
        return { status: "killed", output: "" };
      };
      return within(execution.timeoutMs, Promise.race([play(isolate, execution), gone]), late).finally(() => isolate.leave());
    },
    async dispose() {
      await running?.kill();
      if (files !== undefined) rmSync(files.folder, { recursive: true, force: true });
      files = undefined;
    },
  };
};
