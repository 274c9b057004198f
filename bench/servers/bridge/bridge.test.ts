import { afterEach, describe, expect, test } from "vitest";
import type { JsonObject, OutputSchemas } from "../../../contract/index.ts";
import { memoryServer, plainTool } from "../../../testing/memory-server.ts";
import { patientMs } from "../../../testing/patience.ts";
import { type Connection, connect } from "../connection.ts";
import { type BridgeOptions, createBridge } from "./bridge.ts";

const roomy = { maxArgumentBytes: 10_000, maxResultBytes: 100_000, maxConcurrentCalls: 8, maxCalls: 100 };
const open: Connection[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
});

type Call = Parameters<typeof memoryServer>[0]["call"];

/** A bridge to one server `s` with the tools `t` and `u`, whose calls `call` answers. */
async function bridgeTo(
  call: NonNullable<Call>,
  options: Partial<BridgeOptions> = {},
  tools: unknown[] = [plainTool("t"), plainTool("u")],
) {
  const connection = await connect(memoryServer({ name: "s", list: () => ({ tools }), call }), { timeoutMs: patientMs });
  open.push(connection);
  return { connection, bridge: createBridge([connection], { limits: roomy, now: () => performance.now(), ...options }) };
}

const text = (...texts: string[]) => ({ content: texts.map((one) => ({ type: "text", text: one })) });

describe("what a result becomes", () => {
  test.each<[string, unknown, unknown]>([
    ["text blocks are joined by a line end", text("a", "b"), { status: "ok", text: "a\nb" }],
    [
      "an image alone becomes the empty text",
      { content: [{ type: "image", data: "AAAA", mimeType: "image/png" }] },
      { status: "ok", text: "" },
    ],
    [
      "isError becomes tool-error with the tool's text",
      { ...text("No such row"), isError: true },
      { status: "tool-error", text: "No such row" },
    ],
    [
      "virtual seconds of a clock server are passed on",
      { ...text(""), _meta: { "mcp-code-bench/virtualWaitSeconds": 60 } },
      { status: "ok", text: "", virtualWaitSeconds: 60 },
    ],
    [
      "virtual seconds that are no time are dropped",
      { ...text(""), _meta: { "mcp-code-bench/virtualWaitSeconds": -1 } },
      { status: "ok", text: "" },
    ],
  ])("%s", async (_, result, expected) => {
    const { bridge } = await bridgeTo(() => result);
    expect(await bridge.call("s", "t", {})).toEqual(expected);
  });

  const typed = [{ ...plainTool("t"), outputSchema: { type: "object" } }];

  test.each<[string, unknown, unknown]>([
    [
      "text wins over structured content, which comes beside it",
      { ...text("shown"), structuredContent: { z: 1, a: 2 } },
      { status: "ok", text: "shown", structured: { z: 1, a: 2 } },
    ],
    [
      "structured content alone becomes compact JSON in the server's key order",
      { content: [{ type: "image", data: "AAAA", mimeType: "image/png" }], structuredContent: { z: 1, a: { y: 1, b: 2 } } },
      { status: "ok", text: '{"z":1,"a":{"y":1,"b":2}}', structured: { z: 1, a: { y: 1, b: 2 } } },
    ],
  ])("of a tool with an output schema: %s", async (_, result, expected) => {
    const { bridge } = await bridgeTo(() => result, {}, typed);
    expect(await bridge.call("s", "t", {})).toEqual(expected);
  });

  test("without an output schema there is no structured content: the model and programs get the text", async () => {
    const result = { ...text("shown"), structuredContent: { z: 1 } };
    for (const [options, tools] of [
      [{}, [plainTool("t")]],
      [{ outputSchemas: "none" as const }, typed],
    ] as const) {
      const { bridge } = await bridgeTo(() => result, options, [...tools]);
      expect(await bridge.call("s", "t", {})).toEqual({ status: "ok", text: "shown" });
      expect(bridge.tools[0]).not.toHaveProperty("outputSchema");
    }
  });

  test("a mock server declares what the server that it stands for declares, unless `all` or `none` is asked for", async () => {
    const modelled = { declaresOutput: false, asOf: "2026-11-21", source: "its documentation" };
    const server = { ...memoryServer({ name: "s", list: () => ({ tools: typed }) }), modelled };
    const connection = await connect(server, { timeoutMs: 2_000 });
    open.push(connection);
    const declares = (outputSchemas?: OutputSchemas) => {
      const options = { limits: roomy, now: () => performance.now(), ...(outputSchemas === undefined ? {} : { outputSchemas }) };
      return createBridge([connection], options).tools[0]?.outputSchema !== undefined;
    };
    expect([declares(), declares("real"), declares("all"), declares("none")]).toEqual([false, false, true, false]);
  });

  test("structured content that breaks the tool's output schema is failed", async () => {
    const tools = [
      { ...plainTool("t"), outputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] } },
    ];
    const { bridge } = await bridgeTo(() => ({ content: [], structuredContent: { n: "one" } }), {}, tools);
    expect(await bridge.call("s", "t", {})).toMatchObject({
      status: "failed",
      text: expect.stringContaining("n must be number"),
    });
  });

  test("two servers that give different schemas the same $id are each checked by their own", async () => {
    for (const type of ["number", "string"]) {
      const outputSchema = { $id: "https://example.invalid/same", type: "object", properties: { n: { type } } };
      const { bridge } = await bridgeTo(() => ({ content: [], structuredContent: { n: "one" } }), {}, [
        { ...plainTool("t"), outputSchema },
      ]);
      expect(await bridge.call("s", "t", {})).toMatchObject({ status: type === "string" ? "ok" : "failed" });
    }
  });
});

describe("grants", () => {
  test("a tool that is not granted, not there, or of an unknown server is denied, logged, and hidden", async () => {
    const seen: string[] = [];
    const { bridge } = await bridgeTo(
      ({ name }) => {
        seen.push(name);
        return text("x");
      },
      { grants: ["s__t"] },
    );
    expect(bridge.tools.map(({ name }) => name)).toEqual(["t"]);
    for (const [server, tool] of [
      ["s", "u"],
      ["s", "nope"],
      ["nope", "t"],
      ["__proto__", "constructor"],
    ] as const) {
      expect(await bridge.call(server, tool, {})).toEqual({
        status: "denied",
        text: `Tool ${server}__${tool} is not granted. Call one of the tools that were listed.`,
      });
    }
    expect(await bridge.call("s", "t", {})).toEqual({ status: "ok", text: "x" });
    expect(seen).toEqual(["t"]);
    expect(bridge.log.map(({ status }) => status)).toEqual(["denied", "denied", "denied", "denied", "ok"]);
  });

  test("names that are no strings, or very long, reach text and log as short strings", async () => {
    const { bridge } = await bridgeTo(() => text("x"));
    const call = bridge.call as (server: unknown, tool: unknown, input: unknown) => ReturnType<typeof bridge.call>;
    expect((await call({ toString: null }, Symbol("x"), {})).text).toContain("Tool object__symbol");
    expect((await call("s", "x".repeat(1e6), {})).text.length).toBeLessThan(300);
    expect(JSON.stringify(bridge.log).length).toBeLessThan(600);
  });
});

describe("limits", () => {
  test("arguments over the limit never reach the server", async () => {
    const { bridge } = await bridgeTo(() => text("x"), { limits: { ...roomy, maxArgumentBytes: 20 } });
    expect(await bridge.call("s", "t", { s: "ééééééé" })).toEqual({
      status: "too-large",
      text: "The arguments of s__t have 22 bytes; the limit is 20.",
    });
    expect(await bridge.call("s", "t", { s: "éééééé" })).toEqual({ status: "ok", text: "x" });
    expect(bridge.log).toMatchObject([
      { status: "too-large", argumentBytes: 22, resultBytes: 0 },
      { status: "ok", argumentBytes: 20, resultBytes: 1 },
    ]);
  });

  test.each([
    ["text", text("é".repeat(51)), "102"],
    ["structured content beside a short text", { ...text("short"), structuredContent: { s: "x".repeat(100) } }, "108"],
    ["an error's text", { ...text("x".repeat(101)), isError: true }, "101"],
  ])("a result whose %s is over the limit is withheld", async (_, result, bytes) => {
    const { bridge } = await bridgeTo(() => result, { limits: { ...roomy, maxResultBytes: 100 } });
    expect(await bridge.call("s", "t", {})).toEqual({
      status: "too-large",
      text: `The result of s__t has ${bytes} bytes; the limit is 100.`,
    });
  });

  test("a result of exactly the limit passes", async () => {
    const { bridge } = await bridgeTo(() => ({ ...text("é".repeat(50)), structuredContent: { s: "x".repeat(92) } }), {
      limits: { ...roomy, maxResultBytes: 100 },
    });
    expect((await bridge.call("s", "t", {})).status).toBe("ok");
  });

  test("the log gives the bytes of long results too", async () => {
    const { bridge } = await bridgeTo(() => text("é".repeat(10_000)));
    await bridge.call("s", "t", {});
    expect(bridge.log).toMatchObject([{ resultBytes: 20_000 }]);
  });

  test("no more calls are in flight than allowed, and waiting ones start in order", async () => {
    const started: unknown[] = [];
    const finish: (() => void)[] = [];
    const { bridge } = await bridgeTo(
      ({ arguments: input }) => {
        started.push(input?.i);
        return new Promise((resolve) => finish.push(() => resolve(text("x"))));
      },
      { limits: { ...roomy, maxConcurrentCalls: 2 } },
    );
    const calls = [0, 1, 2, 3].map((i) => bridge.call("s", "t", { i }));
    await expect.poll(() => finish.length).toBe(2);
    expect(started).toEqual([0, 1]);
    finish[1]?.();
    await expect.poll(() => started).toEqual([0, 1, 2]);
    finish[0]?.();
    finish[2]?.();
    await expect.poll(() => started).toEqual([0, 1, 2, 3]);
    finish[3]?.();
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok"]);
  });

  test("an aborted call leaves the queue without having started, and its slot goes to the next", async () => {
    let finish = (): void => undefined;
    const { bridge } = await bridgeTo(
      () =>
        new Promise((resolve) => {
          finish = () => resolve(text("x"));
        }),
      {
        limits: { ...roomy, maxConcurrentCalls: 1 },
      },
    );
    const first = bridge.call("s", "t", {});
    const leave = new AbortController();
    const second = bridge.call("s", "t", {}, leave.signal);
    leave.abort();
    expect(await second).toEqual({ status: "failed", text: "The call of s__t was stopped before it began." });
    finish();
    expect((await first).status).toBe("ok");
    const third = bridge.call("s", "t", {});
    await new Promise((resolve) => setImmediate(resolve));
    finish();
    expect((await third).status).toBe("ok");
  });

  test("calls past the limit are denied, and a guest in a loop cannot grow the log", async () => {
    const { bridge } = await bridgeTo(() => text("x"), { limits: { ...roomy, maxCalls: 2 } });
    for (let i = 0; i < 50; i += 1) await bridge.call("s", "t", {});
    expect(bridge.log.map(({ status }) => status)).toEqual(["ok", "ok", "denied"]);
    expect(await bridge.call("s", "t", {})).toEqual({ status: "denied", text: "The limit of 2 tool calls is used up." });
  });
});

describe("hostile arguments", () => {
  test("a __proto__ key changes no prototype and arrives as plain data", async () => {
    let received: unknown;
    const { bridge } = await bridgeTo(({ arguments: input }) => {
      received = input;
      return text("x");
    });
    const input = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as JsonObject;
    expect((await bridge.call("s", "t", input)).status).toBe("ok");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((received as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("the server gets a copy, so neither side can change the other's object", async () => {
    const { bridge } = await bridgeTo(({ arguments: input }) => {
      Object.assign(input?.row as object, { changed: true });
      return text("x");
    });
    const input = { row: { changed: false } };
    await bridge.call("s", "t", input);
    expect(input).toEqual({ row: { changed: false } });
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  test.each<[string, unknown]>([
    ["a cycle", cycle],
    ["a BigInt", { n: 1n }],
    [
      "a throwing toJSON",
      {
        toJSON: () => {
          throw new Error("no");
        },
      },
    ],
    ["an array", [1]],
    ["nothing", undefined],
  ])("%s is answered as failed", async (_, input) => {
    const { bridge } = await bridgeTo(() => text("x"));
    expect(await bridge.call("s", "t", input as JsonObject)).toEqual({
      status: "failed",
      text: "The arguments of s__t are not a JSON object.",
    });
  });
});

describe("failures", () => {
  test("a server's protocol error, a result of the wrong shape and a time-out are failed, with a reason", async () => {
    const { bridge } = await bridgeTo(() => {
      throw new Error("table is locked");
    });
    expect(await bridge.call("s", "t", {})).toEqual({ status: "failed", text: expect.stringContaining("table is locked") });
    const { bridge: waiting } = await bridgeTo(() => new Promise(() => undefined), { callTimeoutMs: 30 });
    expect(await waiting.call("s", "u", {})).toEqual({ status: "failed", text: "The call of s__u failed: Request timed out" });
    expect([bridge, waiting].flatMap(({ log }) => log.map(({ status }) => status))).toEqual(["failed", "failed"]);
  });

  test("calls of a closed connection fail at once, also one that is under way", async () => {
    const { bridge, connection } = await bridgeTo(() => new Promise(() => undefined));
    const underWay = bridge.call("s", "t", {});
    await connection.close();
    expect(await underWay).toEqual({ status: "failed", text: expect.stringContaining("Connection closed") });
    expect((await bridge.call("s", "t", {})).status).toBe("failed");
  });

  test("an aborted call is failed", async () => {
    const { bridge } = await bridgeTo(() => new Promise(() => undefined));
    const stop = new AbortController();
    const call = bridge.call("s", "t", {}, stop.signal);
    stop.abort();
    expect((await call).status).toBe("failed");
  });

  test("two connections of one name are refused", async () => {
    const { connection } = await bridgeTo(() => text("x"));
    expect(() => createBridge([connection, connection], { limits: roomy, now: () => 0 })).toThrow("two servers have this name");
  });
});
