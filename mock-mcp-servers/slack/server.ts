/** A mock Slack workspace over seeded state, with a message that appears after some polls. */
import type { Json } from "../../contract/json.ts";
import type { WorldServer } from "../../contract/server.ts";
import type { ToolDefinition } from "../../contract/tool.ts";
import { defineMockServer, inMemoryServer } from "../lib/mock-server.ts";
import type { SlackState } from "./state.ts";
import { readingTools } from "./tools/reading.ts";
import { writingTools } from "./tools/writing.ts";

const definition = defineMockServer<SlackState>({
  name: "slack",
  version: "1.0.0",
  modelled: {
    declaresOutput: false,
    asOf: "2026-11-21",
    source:
      "@modelcontextprotocol/server-slack 2025.4.25 and korotovsky/slack-mcp-server of 2026-03-03: no tool has an output schema",
  },
  instructions: "Channels, messages and users of one Slack workspace.",
  tools: [...readingTools, ...writingTools],
});

/** The tools, without connecting. */
export const slackTools: readonly ToolDefinition[] = definition.definitions;

/** A server over its own copy of `start`, which stays as it is and may be shared by many servers. */
export function slack(start: SlackState): WorldServer {
  return inMemoryServer(definition, { ...start }, (state) => ({ ...state }) as unknown as Json);
}
