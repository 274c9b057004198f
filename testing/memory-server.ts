/** In-memory servers for tests: the low-level SDK server, so that a test decides every byte of lists and results. */
import { InMemoryTransport } from "@modelcontextprotocol/client";
import { type CallToolResult, type ListToolsResult, Server } from "@modelcontextprotocol/server";
import type { WorldServer } from "../contract/index.ts";

export interface MemoryServerOptions {
  readonly name: string;
  /** One page of tools; the cursor is what the page before gave. */
  readonly list: (cursor: string | undefined) => unknown;
  readonly call?: (params: { readonly name: string; readonly arguments?: Record<string, unknown> | undefined }) => unknown;
}

export function memoryServer({ name, list, call }: MemoryServerOptions): WorldServer & { readonly server: Server } {
  const server = new Server({ name, version: "4.5.6" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", ({ params }) => list(params?.cursor) as ListToolsResult);
  server.setRequestHandler("tools/call", async ({ params }) => (await call?.(params)) as CallToolResult);
  return {
    name,
    transport: "memory",
    server,
    async connect() {
      const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
      await server.connect(serverEnd);
      return clientEnd;
    },
    snapshot: async () => null,
    stderr: () => "",
    close: () => server.close(),
  };
}

/** The least that a tool is listed with. */
export function plainTool(name: string): { name: string; description: string; inputSchema: { type: "object" } } {
  return { name, description: "", inputSchema: { type: "object" } };
}
