/** What ordinary MCP clients do: every definition in the context, every result back into it. */
import { baselineMode, type CallReply, type Mode, type ModeSession, type ModeStart, type ToolUseBlock } from "../types/index.ts";
import { playScript, translated, turnMaker } from "./agent.ts";
import { systemBlocks } from "./prompt.ts";

/** Calls of one turn in flight at once. */
const parallelCalls = 8;

export const directToolCall: Mode = {
  id: baselineMode,
  title: "Every tool definition in context, every result back into it",
  source: "Ordinary MCP clients; the baseline of Anthropic, Code execution with MCP, 2025-11-04",
  usesSandbox: false,
  policies: [],
  showsOutputSchemas: false,
  control: false,
  start: async (options) => startDirect(options),
  *agent(scenario, task) {
    const toUse = (call: { server: string; tool: string; input: ToolUseBlock["input"] }) => ({
      name: `${call.server}__${call.tool}`,
      input: call.input,
    });
    yield* playScript(scenario, task, translated(scenario.direct(task), toUse), turnMaker());
  },
};

function startDirect({ bridge }: ModeStart): ModeSession {
  const byName = new Map(bridge.tools.map((definition) => [`${definition.server}__${definition.name}`, definition]));
  return {
    system: systemBlocks("direct", bridge.instructions),
    tools: bridge.tools.map(({ server, name, description, inputSchema }) => ({
      name: `${server}__${name}`,
      description,
      input_schema: inputSchema,
    })),
    sandboxOpenMs: null,
    async execute(uses, signal) {
      const replies: CallReply[] = [];
      let next = 0;
      const caller = async () => {
        for (let at = next++; at < uses.length; at = next++) {
          const use = uses[at];
          if (use !== undefined) replies[at] = await call(use, signal);
        }
      };
      await Promise.all(Array.from({ length: Math.min(parallelCalls, uses.length) }, caller));
      // Parallel calls wait together: the longest wait and the number of waves are put on the first.
      const waitSeconds = Math.max(...replies.map((reply) => (reply.status === "ok" ? (reply.virtualWaitSeconds ?? 0) : 0)));
      const callWaves = Math.ceil(uses.length / parallelCalls);
      return replies.map((reply, at) => ({
        text: reply.text,
        isError: reply.status !== "ok",
        causes: { use: "toolCalls", result: "toolResults" },
        sandboxRunMs: 0,
        modelled: at === 0 ? { callWaves, waitSeconds } : { callWaves: 0, waitSeconds: 0 },
      }));
    },
    close: async () => undefined,
  };

  async function call(use: ToolUseBlock, signal: AbortSignal): Promise<CallReply> {
    const definition = byName.get(use.name);
    if (definition === undefined) return { status: "denied", text: `There is no tool ${use.name}.` };
    return bridge.call(definition.server, definition.name, use.input, signal);
  }
}
