import type { Bridge } from "./bridge.ts";
import type { Cause } from "./ledger.ts";
import type { ModelTool, ToolUseBlock } from "./message.ts";
import type { Turn } from "./model.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Scenario, ScriptResult, Task } from "./scenario.ts";

/** Reductions are against this mode. */
export const baselineMode = "direct-tool-call";
/** The control that prints every tool result in full. It is never compared as a way of its own. */
export const echoMode = "code-execution-echo";

export const discoveries = ["minimal", "thorough"] as const;
/** How much of the tree an agent reads before it writes code: just the needed files, or every file of the needed servers. */
export type Discovery = (typeof discoveries)[number];

/** One tool use carried out. */
export interface ToolOutcome {
  readonly text: string;
  readonly isError: boolean;
  /** Cause of the tool use and of its result. */
  readonly causes: { readonly use: Cause; readonly result: Cause };
  /** Milliseconds in the sandbox; 0 in modes without one. */
  readonly sandboxRunMs: number;
  /** For modelled time: sequential tool waits (calls issued together count once) and seconds that the guest or the clock server waited. */
  readonly modelled: { readonly callWaves: number; readonly waitSeconds: number };
  /** A limit that ended the cell. */
  readonly limitExceeded?: string;
}

/** A mode at work in one cell. Whoever started it closes it. */
export interface ModeSession {
  readonly system: string;
  readonly tools: readonly ModelTool[];
  /** Milliseconds to open the sandbox session; `null` in modes without one. */
  readonly sandboxOpenMs: number | null;
  /** Carries out one turn's tool uses; outcomes in tool-use order. Rejects with SANDBOX_UNAVAILABLE when the backend died. */
  execute(uses: readonly ToolUseBlock[], signal: AbortSignal): Promise<readonly ToolOutcome[]>;
  close(): Promise<void>;
}

export interface ModeStart {
  readonly scenario: Scenario;
  readonly task: Task;
  readonly bridge: Bridge;
  /** Present exactly when the mode `usesSandbox`. */
  readonly sandbox?: Sandbox;
  readonly limits: { readonly memoryBytes: number; readonly wallTimeMs: number; readonly outputBytes: number };
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * What the model is shown, how its tool use is carried out, and how a script is played. One file each under
 * `bench/modes/`, one line in its registry. The loop knows none of them.
 */
export interface Mode {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly usesSandbox: boolean;
  /** A control exists to be compared with; no default figure is taken from it. */
  readonly control: boolean;
  start(options: ModeStart): Promise<ModeSession>;
  /** The scripted agent: discovery, then the scenario's script, then the answer. */
  agent(scenario: Scenario, task: Task, discovery: Discovery): Generator<Turn, void, readonly ScriptResult[]>;
}
