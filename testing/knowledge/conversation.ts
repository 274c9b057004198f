/** A transcript in the form that the analyser walks: the one place that knows how transcripts are laid out. */
import type { JsonObject, ModelTool, Transcript } from "../../contract/index.ts";

export interface ConversationUse {
  /** What the transcript calls the tool use; the tool's name where it calls it nothing. */
  readonly label: string;
  readonly name: string;
  readonly input: JsonObject;
  readonly result: {
    readonly text: string;
    readonly isError: boolean;
    /** The use only looked into the tree of the servers. */
    readonly discovery: boolean;
  };
}

export interface Conversation {
  readonly system: string;
  readonly tools: readonly ModelTool[];
  readonly prompt: string;
  /** The tool uses of each turn. Uses that go out together do not know each other's results. */
  readonly turns: readonly (readonly ConversationUse[])[];
}

/** Throws TypeError for a tool use without a result: the transcript is of a conversation that came to its end. */
export function conversationOf({ system, tools, messages, causes, labels = {} }: Transcript): Conversation {
  const results = new Map<string, ConversationUse["result"]>();
  for (const [m, { content }] of messages.entries()) {
    for (const [b, block] of content.entries()) {
      if (block.type !== "tool_result") continue;
      const discovery = causes[m]?.[b] === "discovery";
      results.set(block.tool_use_id, { text: block.content, isError: block.is_error === true, discovery });
    }
  }
  const [prompt] = messages[0]?.content ?? [];
  const turns = messages.map(({ content }) =>
    content.flatMap((block) => {
      if (block.type !== "tool_use") return [];
      const result = results.get(block.id);
      if (result === undefined) throw new TypeError(`The tool use ${block.id} has no result.`);
      return [{ label: labels[block.id] ?? block.name, name: block.name, input: block.input, result }];
    }),
  );
  return {
    system: system.map(({ text }) => text).join("\n"),
    tools,
    prompt: prompt?.type === "text" ? prompt.text : "",
    turns: turns.filter((uses) => uses.length > 0),
  };
}
