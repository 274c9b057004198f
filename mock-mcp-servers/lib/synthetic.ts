/** Servers for the synthetic catalogue: their definitions cost tokens, and their tools do nothing. */
import { createHash } from "node:crypto";
import type { ModelledSchemas, WorldServer } from "../../contract/server.ts";
import type { ToolDefinition } from "../../contract/tool.ts";
import { defineMockServer, inMemoryServer, ToolFailure } from "./mock-server.ts";

/** Of real tools, this share has an output schema. */
const declaringShare = 106 / 401;

/**
 * Whether a server that stands for no real one declares what its tools return. Its name decides, never the seed, so that
 * every run agrees. The share is that of real tools.
 */
export function shareByName(name: string): ModelledSchemas {
  const drawn = createHash("sha256").update(name).digest().readUInt32BE() / 2 ** 32;
  return {
    declaresOutput: drawn < declaringShare,
    asOf: "2026-11-21",
    source: "the share of tools with an output schema among 401 tools of 22 MCP servers from npm; drawn by the server's name",
  };
}

/** One server for each distinct `server` of `tools`, in order. Every call is a tool error that says so. */
export function syntheticServers(tools: readonly ToolDefinition[]): readonly WorldServer[] {
  return [...Map.groupBy(tools, (tool) => tool.server)].map(([name, own]) => {
    const definition = defineMockServer<null>({
      name,
      version: "1.0.0",
      modelled: shareByName(name),
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
