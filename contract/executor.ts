/**
 * Executors of other projects, as subjects: one program, tools, a result. They have no sessions, files or limits of ours,
 * so they are not backends. They run as their authors ship them.
 */
import type { JsonObject } from "./json.ts";
import type { Availability, SandboxHost } from "./sandbox.ts";

/** Rejections reach the program as errors with their message. Input and answer are plain data. */
export type ExecutorTools = Readonly<Record<string, (input: JsonObject) => Promise<unknown>>>;

export interface Execution {
  /**
   * Body of an async function: `return` gives the result, `tools.<name>(input)` calls a tool, `console.log` prints.
   * Plain JavaScript.
   */
  readonly program: string;
  readonly tools: ExecutorTools;
  /** Milliseconds, given to the executor as its own time-out. */
  readonly timeoutMs: number;
}

/** `killed`: the executor did not end it, and the host did. */
export type ExecutionOutcome =
  | { readonly status: "returned"; readonly result: unknown; readonly output: string }
  | { readonly status: "threw"; readonly error: string; readonly output: string }
  | { readonly status: "killed"; readonly output: string };

export interface Executor {
  readonly id: string;
  readonly title: string;
  /** Name and version. */
  readonly version: string;
  available(): Promise<Availability>;
  /** Ends two seconds after the time-out at the latest. Rejects with SANDBOX_UNAVAILABLE when the executor cannot start. */
  execute(execution: Execution): Promise<ExecutionOutcome>;
  /** Ends everything that it started. Idempotent. */
  dispose(): Promise<void>;
}

/** Makes an executor for one machine. The caller disposes of it. */
export type ExecutorFactory = (host: SandboxHost) => Executor;
