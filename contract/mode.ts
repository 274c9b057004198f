import type { Bridge } from "./bridge.ts";
import type { Cause } from "./ledger.ts";
import type { ModelTool, SystemBlock, ToolUseBlock } from "./message.ts";
import type { Turn } from "./model.ts";
import type { Language, Sandbox } from "./sandbox.ts";
import type { Scenario, ScriptResult, Task } from "./scenario.ts";
import type { ToolDefinition } from "./tool.ts";

/** Reductions are against this mode. */
export const baselineMode = "direct-tool-call";
/** The control that prints every tool result in full. It is never compared as a way of its own. */
export const echoMode = "code-execution-echo";

export const policies = ["minimal", "thorough", "readme", "repair", "return-and-ask"] as const;
/**
 * How a scripted agent behaves in a mode that leaves it a choice. `minimal`: it reads just the definitions it needs.
 * `thorough`: every definition of the needed servers. `readme`: as minimal, but what a server says of itself is a file in
 * its folder, read when that server is needed. `repair`: as minimal, but the first program is wrong and is mended.
 * `return-and-ask`: as minimal, but a program that waits returns before its wall-time limit, and the agent asks again.
 */
export type Policy = (typeof policies)[number];

export const outputSchemaChoices = ["real", "all", "none"] as const;
/**
 * Which tools declare what they return. `real`: as the modelled server documents it. `all`: every tool whose server knows
 * its output schema. `none`: no tool. A tool without one sends no structured content, and its wrapper returns a string.
 */
export type OutputSchemas = (typeof outputSchemaChoices)[number];

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
  readonly system: readonly SystemBlock[];
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
  /** One of the mode's; `null` in modes without any. */
  readonly policy: Policy | null;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What a scripted agent is told besides its task. */
export interface AgentChoice {
  /** `null` in modes without any. */
  readonly policy: Policy | null;
  /** Every tool of every connected server, as this cell's servers declare them. */
  readonly tools: readonly ToolDefinition[];
  /** Milliseconds that one program may run. */
  readonly wallTimeMs: number;
}

/**
 * What the model is shown, how its tool use is carried out, and how a script is played. One file each under
 * `bench/play/modes/`, one line in its registry. The loop knows none of them.
 */
export interface Mode {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly usesSandbox: boolean;
  /** How its scripted agent may behave, the default first; empty: it has no choice. */
  readonly policies: readonly Policy[];
  /** Whether what a tool declares to return reaches the model or its programs. */
  readonly showsOutputSchemas: boolean;
  /** What its programs are written in, where it uses a sandbox; default javascript, which TypeScript becomes. */
  readonly language?: Language;
  /** A control exists to be compared with; no default figure is taken from it. */
  readonly control: boolean;
  start(options: ModeStart): Promise<ModeSession>;
  /** The scripted agent: discovery, then the scenario's script, then the answer. */
  agent(scenario: Scenario, task: Task, choice: AgentChoice): Generator<Turn, void, readonly ScriptResult[]>;
}
