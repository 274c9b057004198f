/** A small server on the stable SDK line over stdio, which speaks the newest protocol revision. Run by tests with node. */
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

serveStdio(() => {
  const server = new McpServer({ name: "stable", version: "1.2.3" });
  server.registerTool(
    "double",
    {
      description: "Doubles a number.",
      inputSchema: z.object({ value: z.number() }),
      outputSchema: z.object({ doubled: z.number() }),
    },
    ({ value }) => ({
      content: [{ type: "text", text: JSON.stringify({ doubled: value * 2 }) }],
      structuredContent: { doubled: value * 2 },
    }),
  );
  return server;
});
