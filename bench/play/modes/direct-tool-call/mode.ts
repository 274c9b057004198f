/** What ordinary MCP clients do: every definition in the context, every result back into it. */
import {
  baselineMode,
  type CallReply,
  type Mode,
  type ModeSession,
  type ModeStart,
  type ToolUseBlock,
} from "../../../../contract/index.ts";
import { systemBlocks } from "../code-execution/prompt.ts";
import { playScript, translated, turnMaker } from "../script.ts";

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
      const replies = await Promise.all(uses.map((use) => call(use, signal)));
      // They wait together: the first has the longest wait and the one wave.
      const waitSeconds = Math.max(...replies.map((reply) => (reply.status === "ok" ? (reply.virtualWaitSeconds ?? 0) : 0)));
      return replies.map((reply, at) => ({
        text: reply.text,
        isError: reply.status !== "ok",
        causes: { use: "toolCalls", result: "toolResults" },
        sandboxRunMs: 0,
        modelled: at === 0 ? { callWaves: 1, waitSeconds } : { callWaves: 0, waitSeconds: 0 },
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
