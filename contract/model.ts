import type { ModelRequest, TextBlock, ToolUseBlock } from "./message.ts";

/** What the model wrote in one turn. No tool use in it: the conversation is over. */
export interface Turn {
  readonly content: readonly (TextBlock | ToolUseBlock)[];
  /** What a script calls its tool uses, by their ids; for whoever asks later where the tokens went. */
  readonly labels?: { readonly [toolUseId: string]: string };
}

/**
 * Who writes the assistant's turns. Scripted today; recorded and live models are further implementations.
 *
 * `generate` throws `BenchError` MODEL_SCRIPT when a script cannot go on from the results it was given.
 */
export interface Model {
  readonly id: string;
  generate(request: ModelRequest, signal: AbortSignal): Promise<Turn>;
  /** Called once after the last turn; throws MODEL_SCRIPT when scripted turns are left over. */
  finish(): void;
}
