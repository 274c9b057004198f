/**
 * Other people's clients with our servers: the SDK's maintenance line, and the official inspector's command line, over
 * both transports. Our client with other people's servers is in mock-mcp-servers/stdio/stdio-server.test.ts and bench/servers/catalogue.test.ts.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../bench/servers/connection.ts";
import { scenarioRegistry } from "../scenarios/registry.ts";
import { mockInstance, mockServersOf } from "../testing/mock-world.ts";
import { patientMs } from "../testing/patience.ts";
import { type HttpService, serveHttp } from "./lib/http.ts";
import { mockServerRegistry } from "./registry.ts";

const program = fileURLToPath(new URL("../bench/bin.mjs", import.meta.url));
const inspector = fileURLToPath(
  new URL("clients/launcher/build/index.js", import.meta.resolve("@modelcontextprotocol/inspector/package.json")),
);

/** A call that works in any world: its arguments, and a field that the result has. */
const calls: { readonly [server: string]: { readonly tool: string; readonly args: object; readonly gives: string } } = {
  "google-drive": { tool: "search_files", args: { query: "a" }, gives: "files" },
  salesforce: { tool: "list_objects", args: {}, gives: "objects" },
  slack: { tool: "list_channels", args: {}, gives: "channels" },
  clock: { tool: "sleep", args: { seconds: 3 }, gives: "sleptSeconds" },
};

test("the registry names exactly the mock servers that scenarios have", async () => {
  const worlds = await Promise.all(scenarioRegistry.ids.map(mockServersOf));
  expect(new Set(worlds.flat().map(({ name }) => name))).toEqual(new Set(mockServerRegistry.ids));
});

describe.each(mockServerRegistry.ids)("%s", (name) => {
  const call = calls[name];
  if (call === undefined) throw new Error(`Give calls in mock-mcp-servers/interop.test.ts a call to try ${name} with.`);
  const { tool, args, gives } = call;
  let http: HttpService;
  let home = "";
  let listed: readonly string[] = [];
  beforeAll(async () => {
    http = await serveHttp(await mockInstance(name));
    home = await mkdtemp(join(tmpdir(), "inspector-"));
    listed = (await mockServerRegistry.load(name)).tools.map((one) => one.name);
  });
  afterAll(async () => {
    await http.close();
    await rm(home, { recursive: true, force: true });
  });

  test.each(["stdio", "http"])(
    "the maintenance line's client lists and calls over %s, on the revision that it knows",
    async (kind) => {
      const command = { command: process.execPath, args: [program, "serve", name], stderr: "ignore" as const };
      const transport: Transport = kind === "stdio" ? new StdioClientTransport(command) : asTransport(http.url);
      const client = new Client({ name: "maintenance", version: "1.0.0" });
      let revision = "";
      const tell = transport.setProtocolVersion?.bind(transport);
      transport.setProtocolVersion = (version) => {
        revision = version;
        tell?.(version);
      };
      await client.connect(transport);
      try {
        expect((await client.listTools()).tools.map((one) => one.name)).toEqual(listed);
        const result = await client.callTool({ name: tool, arguments: { ...args } });
        expect(result).toMatchObject({ structuredContent: { [gives]: expect.anything() } });
        expect(client.getServerVersion()).toMatchObject({ name, version: "1.0.0" });
        expect(revision).toBe("2025-11-25");
      } finally {
        await client.close();
      }
    },
  );

  test.each(["stdio", "http"])("the inspector lists and calls over %s", async (kind) => {
    const target = kind === "stdio" ? [process.execPath, program, "serve", name] : [http.url, "--transport", "http"];
    const inspect = async (...method: string[]) => {
      const options = { env: { ...process.env, HOME: home }, cwd: home };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [inspector, "--cli", ...target, "--method", ...method],
        options,
      );
      return JSON.parse(stdout) as { readonly tools?: readonly { readonly name: string }[] };
    };
    const pairs = Object.entries(args).flatMap(([field, value]) => ["--tool-arg", `${field}=${value}`]);
    const [list, result] = await Promise.all([inspect("tools/list"), inspect("tools/call", "--tool-name", tool, ...pairs)]);
    expect(list.tools?.map((one) => one.name)).toEqual(listed);
    expect(result).toMatchObject({ structuredContent: { [gives]: expect.anything() } });
  });

  test("our own client takes the newest revision over HTTP", async () => {
    const { StreamableHTTPClientTransport: Newest } = await import("@modelcontextprotocol/client");
    const connection = await connect(
      {
        ...{ name, transport: "http", snapshot: async () => null, stderr: () => "", close: async () => undefined },
        connect: async () => new Newest(new URL(http.url)),
      },
      { timeoutMs: patientMs },
    );
    expect(connection).toMatchObject({ transport: "http", protocol: "2026-07-28" });
    expect(connection.tools).toEqual((await mockServerRegistry.load(name)).tools);
    await connection.close();
  });
});

/** The maintenance line's types were not made for exact optional properties. */
function asTransport(url: string): Transport {
  return new StreamableHTTPClientTransport(new URL(url)) as Transport;
}
