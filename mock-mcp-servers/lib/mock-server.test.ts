import { InMemoryTransport, McpServer } from "@modelcontextprotocol/server";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { connect } from "../../bench/servers/connection.ts";
import type { JsonObject, ToolDefinition, WorldServer } from "../../contract/index.ts";
import { syntheticTools } from "../../fixtures/catalogue.ts";
import { patientMs } from "../../testing/patience.ts";
import { deepFreeze, toolClient } from "../../testing/tool-client.ts";
import { googleDriveTools } from "../google-drive/server.ts";
import { salesforceTools } from "../salesforce/server.ts";
import { slackTools } from "../slack/server.ts";
import { byId, lookup, page, withoutRecord, withRecord } from "./collection.ts";
import { defineMockServer, inMemoryServer, ToolFailure, toolsOver } from "./mock-server.ts";
import { jsonSchema } from "./schema.ts";
import { syntheticServers } from "./synthetic.ts";

const timeoutMs = patientMs;

interface CounterState {
  readonly log: { readonly entries: string[] };
  total: number;
}

const tool = toolsOver<CounterState>();
const input = z.object({
  by: z.int().min(1).default(1).describe("How much"),
  names: z.array(z.string()).optional(),
  nested: z.object({ flag: z.boolean() }).optional(),
});
const output = z.object({ total: z.int(), note: z.string().optional() });

const counter = defineMockServer<CounterState>({
  name: "counter",
  version: "3.2.1",
  instructions: "Counts.",
  tools: [
    tool({
      name: "add",
      description: "Add to the total.",
      input,
      output,
      run(state, { by }) {
        state.total += by;
        return { total: state.total, note: undefined };
      },
      meta: ({ total }) => (total > 10 ? { big: true } : undefined),
    }),
    tool({
      name: "log",
      description: "Everything that was logged.",
      input: z.object({}),
      output: z.object({ entries: z.array(z.string()) }),
      run: (state) => state.log,
    }),
    tool({
      name: "refuse",
      description: "Refuses.",
      input: z.object({}),
      output: z.object({}),
      run() {
        throw new ToolFailure("Not today. Use add.");
      },
    }),
    tool({
      name: "break",
      description: "Has a bug.",
      input: z.object({}),
      output: z.object({}),
      run() {
        throw new TypeError("a bug");
      },
    }),
    tool({
      name: "lie",
      description: "Does not keep to its output schema.",
      input: z.object({}),
      output: z.object({ total: z.int() }),
      run: () => ({ total: "many" as unknown as number }),
    }),
  ],
});

const open = () => {
  const state = { log: { entries: ["one"] }, total: 0 };
  return { state, server: inMemoryServer(counter, state, ({ total }) => ({ total })) };
};

describe("a mock server", () => {
  test("gives its name, version and instructions, and lists on the wire what it lists without connecting", async () => {
    const { client, tools, serverVersion } = await connect(open().server, { timeoutMs });
    expect({ serverVersion, instructions: client.getInstructions() }).toEqual({
      serverVersion: "3.2.1",
      instructions: "Counts.",
    });
    expect(JSON.stringify(tools)).toBe(JSON.stringify(counter.definitions));
  });

  test("fills defaults, leaves absent fields out of text and structured content alike, and sends _meta when there is some", async () => {
    const { server } = open();
    const { client } = await connect(server, { timeoutMs });
    const first = await client.callTool({ name: "add" });
    expect(first).toStrictEqual({ content: [{ type: "text", text: '{"total":1}' }], structuredContent: { total: 1 } });
    const second = await client.callTool({ name: "add", arguments: { by: 20 } });
    expect(second._meta).toMatchObject({ big: true });
    expect(await server.snapshot()).toEqual({ total: 21 });
  });

  test("refuses bad arguments in one line that names every field by its path", async () => {
    const { refusal } = await toolClient(open().server);
    expect(await refusal("add", { by: 0, names: ["a", 5], nested: { flag: "yes" } })).toBe(
      "Invalid arguments for tool add: by: Too small: expected number to be >=1; " +
        "names.1: Invalid input: expected string, received number; " +
        "nested.flag: Invalid input: expected boolean, received string. Correct them and call again.",
    );
  });

  test("tells the model what a tool refuses", async () => {
    expect(await (await toolClient(open().server)).refusal("refuse", {})).toBe("Not today. Use add.");
  });

  test("answers an unknown tool and a bug with a protocol error, never with a result", async () => {
    const { client } = await connect(open().server, { timeoutMs });
    await expect(client.callTool({ name: "toString" })).rejects.toMatchObject({
      code: -32602,
      message: "Tool toString not found",
    });
    await expect(client.callTool({ name: "break" })).rejects.toMatchObject({ code: -32603 });
  });

  test("a result that breaks its output schema is caught by the client that these tests use", async () => {
    await expect((await toolClient(open().server)).call("lie", {})).rejects.toThrow(/output schema/);
  });

  test("what a client does to a result never reaches the state", async () => {
    const { state, server } = open();
    const { entries } = await (await toolClient(server)).call("log", {});
    (entries as string[]).push("two");
    expect(state.log.entries).toEqual(["one"]);
  });

  test("close is idempotent, ends every connection, and leaves the snapshot", async () => {
    const { server } = open();
    const [one, two] = await Promise.all([connect(server, { timeoutMs }), connect(server, { timeoutMs })]);
    await one.client.callTool({ name: "add" });
    await server.close();
    await server.close();
    await expect(one.client.callTool({ name: "add" })).rejects.toThrow();
    await expect(two.client.callTool({ name: "add" })).rejects.toThrow();
    expect(await server.snapshot()).toEqual({ total: 1 });
    expect(server.stderr()).toBe("");
  });

  test("lists schemas byte for byte as the SDK's own server does", async () => {
    const sdk = new McpServer({ name: "sdk", version: "1.0.0" });
    sdk.registerTool("add", { inputSchema: input, outputSchema: output }, () => ({ content: [] }));
    const server: WorldServer = {
      ...open().server,
      async connect() {
        const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
        await sdk.connect(serverEnd);
        return clientEnd;
      },
    };
    const [listed] = (await connect(server, { timeoutMs })).tools;
    expect(JSON.stringify(jsonSchema(input, "input"))).toBe(JSON.stringify(listed?.inputSchema));
    expect(JSON.stringify(jsonSchema(output, "output"))).toBe(JSON.stringify(listed?.outputSchema));
  });
});

describe("the mock servers' tools", () => {
  const servers: readonly (readonly [name: string, tools: readonly ToolDefinition[]])[] = [
    ["google-drive", googleDriveTools({ serverQuery: false, maxRowsPerRead: 0 })],
    ["salesforce", salesforceTools],
    ["slack", slackTools],
  ];

  test.each(servers)("%s has at least 12, each with a name of its own, a description and both schemas", (name, tools) => {
    expect(tools.length).toBeGreaterThanOrEqual(12);
    expect(new Set(tools.map((one) => one.name)).size).toBe(tools.length);
    for (const one of tools) {
      expect(one, one.name).toMatchObject({
        server: name,
        name: expect.stringMatching(/^[a-z]+(_[a-z]+)+$/),
        description: expect.stringMatching(/^[A-Z][^\n]{10,}\.$/),
        inputSchema: { type: "object", properties: expect.any(Object) },
        outputSchema: { type: "object", properties: expect.any(Object) },
      });
    }
  });

  test.each(servers)("%s describes every argument", (_, tools) => {
    for (const { name, inputSchema } of tools) {
      for (const [field, schema] of Object.entries(inputSchema.properties as JsonObject)) {
        expect(schema, `${name}.${field}`).toHaveProperty("description");
      }
    }
  });
});

describe("the servers of the synthetic catalogue", () => {
  const given = syntheticTools(40, 7);

  test("list exactly the given definitions, one server for each name", async () => {
    const servers = syntheticServers(given);
    expect(servers.map(({ name }) => name)).toEqual([...new Set(given.map(({ server }) => server))]);
    const connections = await Promise.all(servers.map((server) => connect(server, { timeoutMs })));
    // Some definitions of the catalogue have no output schema, and may not gain one on the way.
    expect(JSON.stringify(connections.flatMap(({ tools }) => tools))).toBe(JSON.stringify(given));
    expect(new Set(given.map((one) => "outputSchema" in one))).toEqual(new Set([true, false]));
  });

  test("answer every call with an error that says why, hold no state and close twice", async () => {
    const [server] = syntheticServers(given.slice(0, 1));
    if (server === undefined) throw new TypeError("no server");
    expect(await (await toolClient(server)).refusal(given[0]?.name ?? "", {})).toMatch(/synthetic catalogue.*does nothing/);
    expect([await server.snapshot(), server.stderr()]).toEqual([null, ""]);
    await server.close();
    await server.close();
  });

  test("no tools make no server", () => {
    expect(syntheticServers([])).toEqual([]);
  });
});

describe("collections", () => {
  const all = deepFreeze(byId([{ id: "b" }, { id: "a" }]));

  test("lookup finds own records only", () => {
    expect([lookup(all, "a"), lookup(all, "c"), lookup(all, "toString"), lookup(all, "__proto__")]).toEqual([
      { id: "a" },
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("changes are copies that keep the order", () => {
    expect(Object.keys(withRecord(all, "b", { id: "b2" }))).toEqual(["b", "a"]);
    expect(Object.keys(withoutRecord(withRecord(all, "c", { id: "c" }), "a"))).toEqual(["b", "c"]);
    expect(all).toEqual({ b: { id: "b" }, a: { id: "a" } });
  });

  test.each([1, 2, 3, 7, 8])("pages of %i give every item once", (size) => {
    const items = [..."abcdefg"];
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const { items: some, nextPageToken } = page(items, size, token);
      expect(some.length).toBeGreaterThan(0);
      seen.push(...some);
      token = nextPageToken ?? undefined;
    } while (token !== undefined);
    expect(seen).toEqual(items);
  });

  test.each(["", "0", "-1", "1.5", "1e1", " 2", "next"])("the page token %j is refused", (token) => {
    expect(() => page(["a"], 1, token)).toThrow(ToolFailure);
  });
});
