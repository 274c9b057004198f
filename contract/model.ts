import type { ModelRequest, TextBlock, ToolUseBlock } from "./message.ts";
import type { Policy } from "./mode.ts";
import type { Language } from "./sandbox.ts";
import type { Scenario, ScriptResult, Task } from "./scenario.ts";
import type { ToolDefinition } from "./tool.ts";
import type { Purposes } from "./treatment.ts";

/** What the model wrote in one turn. No tool use in it: the conversation is over. */
export interface Turn {
  readonly content: readonly (TextBlock | ToolUseBlock)[];
  /** What a script calls its tool uses, by their ids; for a reader who asks where the tokens went. */
  readonly labels?: { readonly [toolUseId: string]: string };
  readonly purposes?: Purposes;
}

/**
 * Who writes the assistant's turns. Scripted today; recorded and live models are further implementations.
 *
 * `generate` throws `BenchError` MODEL_SCRIPT when a script cannot go on from the results it was given.
 */
export interface Model {
  readonly id: string;
  /**
   * A mistake ends the cell, as a defect of the script. Where it is `false`, a mistake is a result: what the
   * model did wrong goes back to it as an error, and the conversation goes on.
   */
  readonly strict: boolean;
  generate(request: ModelRequest, signal: AbortSignal): Promise<Turn>;
  /** Called once after the last turn; throws MODEL_SCRIPT when scripted turns are left over. */
  finish(): void;
}

/** What a scripted agent knows besides its task. */
export interface AgentChoice {
  /** `null` in modes without any. */
  readonly policy: Policy | null;
  /** What its programs are written in; `null` in modes without any. */
  readonly language: Language | null;
  /** Every tool of every connected server, as this cell's servers declare them. */
  readonly tools: readonly ToolDefinition[];
  /** Milliseconds that one program may run. */
  readonly wallTimeMs: number;
}

/**
 * How a script plays one mode: discovery, then the scenario's script, then the answer. It yields turns and is given the
 * results of each. One file beside each mode, `policy.ts`.
 */
export type ScriptedAgent = (
  scenario: Scenario,
  task: Task,
  choice: AgentChoice,
) => Generator<Turn, void, readonly ScriptResult[]>;

/** What one conversation's model is made from. A model that is not a script needs none of it. */
export interface ModelStart {
  readonly scenario: Scenario;
  readonly task: Task;
  readonly choice: AgentChoice;
  /** Loads how scripts play the cell's mode. Rejects with UNKNOWN_ID where the mode has no scripted agent. */
  agent(): Promise<ScriptedAgent>;
}

/** Makes models, one for each conversation. One file each under `bench/play/models/`, one line in its registry. */
export interface ModelFactory {
  readonly id: string;
  readonly title: string;
  start(options: ModelStart): Promise<Model>;
}
