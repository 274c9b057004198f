/** Servers for the synthetic catalogue: real MCP servers whose tools are only ever listed. */
import { InMemoryTransport, Server } from "@modelcontextprotocol/server";
import type { ToolDefinition, WorldServer } from "../../bench/types/index.ts";

/** One server in this process for each server that `tools` names, in the order of their first tools. */
export function syntheticServers(tools: readonly ToolDefinition[]): WorldServer[] {
  const byServer = Map.groupBy(tools, (tool) => tool.server);
  return [...byServer].map(([name, own]) => syntheticServer(name, own));
}

function syntheticServer(name: string, tools: readonly ToolDefinition[]): WorldServer {
  const started: Server[] = [];
  const listed = tools.map(({ server: _, inputSchema, outputSchema, ...tool }) => ({
    ...tool,
    inputSchema: inputSchema as { type: "object" },
    ...(outputSchema === undefined ? {} : { outputSchema: outputSchema as { type: "object" } }),
  }));
  const text = "This tool is part of the synthetic catalogue: it is listed for its size and does nothing.";
  return {
    name,
    async connect() {
      const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
      const server = new Server({ name, version: "1.0.0" }, { capabilities: { tools: {} } });
      server.setRequestHandler("tools/list", () => ({ tools: listed }));
      server.setRequestHandler("tools/call", () => ({ content: [{ type: "text" as const, text }], isError: true }));
      started.push(server);
      await server.connect(serverEnd);
      return clientEnd;
    },
    snapshot: async () => null,
    stderr: () => "",
    async close() {
      await Promise.all(started.splice(0).map((server) => server.close()));
    },
  };
}
