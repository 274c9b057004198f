/** A model whose turns come from a script. It proves what a conversation costs, and nothing about what a model would write. */
import { BenchError, type Model, type ModelFactory, type ScriptResult, type Turn } from "../../../contract/index.ts";

export const scripted: ModelFactory = {
  id: "scripted",
  title: "A script writes the turns; the same for everybody, with no provider",
  start: async ({ scenario, task, choice, agent }) => scriptedModel((await agent())(scenario, task, choice)),
};

/** `agent` is a mode's agent for one task; it is used up by one conversation. */
export function scriptedModel(agent: Generator<Turn, void, readonly ScriptResult[]>): Model {
  let finished = false;
  let started = false;
  return {
    id: "scripted",
    strict: true,
    async generate(request) {
      const last = request.messages.at(-1);
      const results: ScriptResult[] = [];
      for (const block of last?.content ?? []) {
        if (block.type === "tool_result") results.push({ text: block.content, isError: block.is_error === true });
      }
      const step = advance(started ? results : []);
      started = true;
      if (step.done === true) {
        finished = true;
        throw new BenchError("MODEL_SCRIPT", { problem: "it has no turn left" });
      }
      return step.value;
    },
    finish() {
      if (finished) return;
      const step = advance([]);
      if (step.done !== true) throw new BenchError("MODEL_SCRIPT", { problem: "it has turns left after its answer" });
      finished = true;
    },
  };

  function advance(results: readonly ScriptResult[]): IteratorResult<Turn, void> {
    try {
      return agent.next(results);
    } catch (error) {
      if (error instanceof BenchError) throw error;
      const problem = error instanceof Error ? error.message : String(error);
      throw new BenchError("MODEL_SCRIPT", { problem }, { cause: error });
    }
  }
}
