import { describe, expect, test, vi } from "vitest";
import { memoryServer, plainTool } from "../../testing/memory-server.ts";
import { patientMs } from "../../testing/patience.ts";
import { connect } from "./connection.ts";

describe("connect", () => {
  test("keeps the server's key order and unknown keywords in every schema", async () => {
    const tools = [
      {
        name: "a",
        annotations: { title: "A" },
        inputSchema: {
          $schema: "https://json-schema.org/draft/2020-12/schema",
          "x-order": 1,
          required: ["q"],
          properties: { q: { default: 1, type: "number", "x-unit": "s" } },
          additionalProperties: false,
          type: "object",
        },
        outputSchema: { required: ["z"], type: "object", properties: { z: {}, a: {} } },
        description: "Does a.",
      },
    ];
    const connection = await connect(memoryServer({ name: "s", list: () => ({ tools }) }), { timeoutMs: patientMs });
    expect(connection).toMatchObject({ name: "s", serverVersion: "4.5.6", protocol: "2025-11-25" });
    expect(JSON.stringify(connection.tools)).toBe(
      JSON.stringify([
        {
          server: "s",
          name: "a",
          description: "Does a.",
          inputSchema: tools[0]?.inputSchema,
          outputSchema: tools[0]?.outputSchema,
        },
      ]),
    );
    await connection.close();
    await connection.close();
  });

  test("a server that is known not to know server/discover is not asked, and speaks the same revision", async () => {
    for (const knows of [{}, { knowsDiscover: false as const }]) {
      const server = memoryServer({ name: "s", list: () => ({ tools: [plainTool("t")] }) });
      const end = await server.connect();
      const send = vi.spyOn(end, "send");
      const connection = await connect({ ...server, ...knows, connect: async () => end }, { timeoutMs: patientMs });
      const [first] = send.mock.calls.map(([message]) => ("method" in message ? message.method : ""));
      expect(first).toBe("knowsDiscover" in knows ? "initialize" : "server/discover");
      expect(connection).toMatchObject({ protocol: "2025-11-25", tools: [{ name: "t" }] });
      await connection.close();
    }
  });

  test("reads every page of a tool list, in order", async () => {
    const list = (cursor: string | undefined) => {
      const page = Number(cursor ?? 0);
      return { tools: [plainTool(`t${page}`)], ...(page < 4 ? { nextCursor: String(page + 1) } : {}) };
    };
    const connection = await connect(memoryServer({ name: "s", list }), { timeoutMs: patientMs });
    expect(connection.tools.map(({ name }) => name)).toEqual(["t0", "t1", "t2", "t3", "t4"]);
    await connection.close();
  });

  test.each([
    [
      "a list that never ends",
      (cursor = "0") => ({ tools: [], nextCursor: String(Number(cursor) + 1) }),
      /goes past 1000 pages or 10000 tools/,
    ],
    ["a list with too many tools", () => ({ tools: Array.from({ length: 10_001 }, (_, i) => plainTool(`t${i}`)) }), /goes past/],
    ["pages that go round", (cursor = "") => ({ tools: cursor === "" ? [plainTool("t")] : [], nextCursor: "x" }), /in a circle/],
    ["one tool twice", () => ({ tools: [plainTool("t"), plainTool("t")] }), /lists the tool "t" twice/],
  ])("refuses %s", async (_, list, message) => {
    await expect(connect(memoryServer({ name: "s", list }), { timeoutMs: patientMs })).rejects.toThrow(message);
  });

  test("a signal that is already aborted ends the attempt as ABORTED", async () => {
    const server = memoryServer({ name: "s", list: () => ({ tools: [] }) });
    await expect(connect(server, { timeoutMs: patientMs, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  test("a server that never gives a transport is given up after the time-out", async () => {
    const server = {
      ...memoryServer({ name: "s", list: () => ({ tools: [] }) }),
      connect: () => new Promise<never>(() => undefined),
    };
    await expect(connect(server, { timeoutMs: 30 })).rejects.toThrow("it did not start within 30 ms");
  });
});
