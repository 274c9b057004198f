import type { JsonObject } from "./json.ts";

/** Text that the user or the model wrote. */
export interface TextBlock {
  readonly type: "text";
  readonly text: string;
}

/** The model asks for a tool. `id` pairs it with its result and is never counted: the API makes it up. */
export interface ToolUseBlock {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

/** What the model is shown of a tool's result: text only (text blocks joined by a newline, or structured content as compact JSON). */
export interface ToolResultBlock {
  readonly type: "tool_result";
  readonly tool_use_id: string;
  readonly content: string;
  readonly is_error?: true;
}

export type Block = TextBlock | ToolUseBlock | ToolResultBlock;

/** One message, in the Messages API's form. */
export interface Message {
  readonly role: "user" | "assistant";
  readonly content: readonly Block[];
}

/** A tool as the model sees it. The key order is the wire order, and is what gets counted. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  readonly input_schema: JsonObject;
}

/** One block of the system text. `server` names the one whose own instructions it carries. */
export type SystemBlock =
  | { readonly cause: "system"; readonly text: string }
  | { readonly cause: "instructions"; readonly server: string; readonly text: string };

/** What a request shows beside its messages. */
export interface Shown {
  /** Never an empty text. */
  readonly system: readonly SystemBlock[];
  readonly tools: readonly ModelTool[];
}

/** Who decides that a tool is used: `auto`, the model; `any`, the request. */
export type ToolChoice = "auto" | "any";

/** One sampling of the model: everything it is given. */
export interface ModelRequest extends Shown {
  readonly toolChoice: ToolChoice;
  readonly messages: readonly Message[];
}
