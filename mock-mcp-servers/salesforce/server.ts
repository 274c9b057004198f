/** A mock Salesforce organisation over seeded records. */
import type { Json } from "../../contract/json.ts";
import type { WorldServer } from "../../contract/server.ts";
import type { ToolDefinition } from "../../contract/tool.ts";
import { defineMockServer, inMemoryServer } from "../lib/mock-server.ts";
import type { SalesforceState } from "./state.ts";
import { readingTools } from "./tools/reading.ts";
import { writingTools } from "./tools/writing.ts";

const definition = defineMockServer<SalesforceState>({
  name: "salesforce",
  version: "1.0.0",
  modelled: {
    declaresOutput: false,
    asOf: "2026-11-21",
    source: "@salesforce/mcp 0.30.15: 8 of its 39 tools have an output schema, and none of those that read or write records",
  },
  instructions: "Records of one Salesforce organisation.",
  tools: [...readingTools, ...writingTools],
});

/** The tools, without connecting. */
export const salesforceTools: readonly ToolDefinition[] = definition.definitions;

/** A server over its own copy of `start`, which stays as it is and may be shared by many servers. */
export function salesforce(start: SalesforceState): WorldServer {
  return inMemoryServer(definition, { ...start }, (state) => ({ ...state }) as unknown as Json);
}
