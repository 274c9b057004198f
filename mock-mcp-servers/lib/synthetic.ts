/** Servers for the synthetic catalogue: their definitions cost tokens, and their tools do nothing. */
import type { WorldServer } from "../../bench/types/server.ts";
import type { ToolDefinition } from "../../bench/types/tool.ts";
import { defineMockServer, inMemoryServer, ToolFailure } from "./mock-server.ts";

/** One server for each distinct `server` of `tools`, in order. Every call is a tool error that says so. */
export function syntheticServers(tools: readonly ToolDefinition[]): readonly WorldServer[] {
  return [...Map.groupBy(tools, (tool) => tool.server)].map(([name, own]) => {
    const definition = defineMockServer<null>({
      name,
      version: "1.0.0",
      tools: own.map(({ name: toolName, description, inputSchema, outputSchema }) => ({
        name: toolName,
        description,
        inputSchema,
        outputSchema,
        async run() {
          throw new ToolFailure(`${name}/${toolName} is part of the synthetic catalogue and does nothing. Use another tool.`);
        },
      })),
    });
    return inMemoryServer(definition, null, () => null);
  });
}
