/** An agent that sends the tool uses of an earlier conversation again, byte for byte, whatever comes back. */
import type { ScriptedAgent, Transcript, Turn } from "../../contract/index.ts";

/**
 * The mode's own agent reads the results and gives the answer, so that the answer says what the replayed programs found;
 * what it would have sent after a result that differs is not sent. Ends as MODEL_SCRIPT where it cannot go on.
 */
export function replaying(own: ScriptedAgent, { messages }: Transcript): ScriptedAgent {
  const turns = messages.flatMap(({ role, content }) => (role === "assistant" && usesTools(content) ? [content] : []));
  return function* (scenario, task, choice) {
    const agent = own(scenario, task, choice);
    let step = agent.next([]);
    for (const content of turns) {
      if (step.done || !usesTools(step.value.content)) break;
      step = agent.next(yield { content: content as Turn["content"] });
    }
    if (step.done || usesTools(step.value.content)) throw new Error("it would need another turn than it had");
    yield step.value;
  };
}

function usesTools(content: readonly { readonly type: string }[]): boolean {
  return content.some(({ type }) => type === "tool_use");
}
