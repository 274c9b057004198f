/** What ordinary MCP clients do: every definition in the context, every result back into it. */
import type { CallReply, Mode, ModeSession, ModeStart, Shown, ToolUseBlock } from "../../../../contract/index.ts";
import { systemBlocks } from "../code-execution/prompt.ts";

export const directToolCall: Mode = {
  id: "direct-tool-call",
  title: "Every tool definition in context, every result back into it",
  short: "direct",
  source: "Ordinary MCP clients; the baseline of Anthropic, Code execution with MCP, 2025-11-04",
  sandbox: null,
  policies: [],
  showsOutputSchemas: false,
  control: false,
  treatment: "call",
  start: async (options) => startDirect(options),
};

function startDirect({ bridge }: ModeStart): ModeSession {
  const byName = new Map(bridge.tools.map((definition) => [`${definition.server}__${definition.name}`, definition]));
  const shown: Shown = {
    system: systemBlocks("direct", bridge.instructions),
    tools: bridge.tools.map(({ server, name, description, inputSchema }) => ({
      name: `${server}__${name}`,
      description,
      input_schema: inputSchema,
    })),
  };
  return {
    show: () => shown,
    sandboxOpenMs: null,
    async execute(uses, signal) {
      const replies = await Promise.all(uses.map((use) => call(use, signal)));
      // They wait together: the first has the longest wait and the one wave.
      const waitSeconds = Math.max(...replies.map((reply) => (reply.status === "ok" ? (reply.virtualWaitSeconds ?? 0) : 0)));
      return replies.map((reply, at) => ({
        // As no request can hold half of a pair; what programs print is made the same.
        text: reply.text.toWellFormed(),
        isError: reply.status !== "ok",
        kind: "call",
        definitionsFetched: 0,
        callsFromPrograms: 0,
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
