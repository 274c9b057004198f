import { request } from "node:http";
import { connect as connectSocket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type HttpService, maxMessageBytes, serveHttp } from "./http.ts";
import { defineMockServer, toolsOver } from "./mock-server.ts";

const definition = defineMockServer<{ total: number }>({
  name: "counter",
  version: "1.0.0",
  tools: [
    toolsOver<{ total: number }>()({
      name: "add",
      description: "Add one.",
      input: z.object({ text: z.string().optional() }),
      output: z.object({ total: z.int() }),
      run(state) {
        state.total += 1;
        return { total: state.total };
      },
    }),
  ],
});

const open: HttpService[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((service) => service.close()));
});

async function served(state = { total: 0 }) {
  const service = await serveHttp(() => definition.over(state));
  open.push(service);
  return { state, url: new URL(service.url), service };
}

const add = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "add", arguments: {} } };

/** Plain HTTP: `fetch` does not let a Host header through. */
function post(url: URL, headers: { readonly [name: string]: string } = {}, body = JSON.stringify(add)) {
  return new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
    const all = { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers };
    const sent = request(url, { method: "POST", headers: all }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
    });
    sent.on("error", reject).end(body);
  });
}

describe("a mock server over HTTP", () => {
  test("answers every request from the one state", async () => {
    const { url, state } = await served();
    expect((await post(url)).text).toContain('{"total":1}');
    expect((await post(url)).text).toContain('{"total":2}');
    expect(state.total).toBe(2);
  });

  test("is reached on loopback alone", async () => {
    expect((await served()).url.hostname).toBe("127.0.0.1");
  });

  test.each([
    { host: "evil.example" },
    { host: "127.0.0.1.evil.example:80" },
    { origin: "http://evil.example" },
    { origin: "null" },
  ])("refuses a page that reached it by DNS rebinding: %o", async (headers) => {
    const { url, state } = await served();
    expect((await post(url, headers)).status).toBe(403);
    expect(state.total).toBe(0);
  });

  test.each([{ host: "localhost:1" }, { origin: "http://localhost:6274" }])(
    "answers loopback's own names: %o",
    async (headers) => {
      expect((await post((await served()).url, headers)).status).toBe(200);
    },
  );

  test("refuses another path, another content type and a body past the limit, before any tool runs", async () => {
    const { url, state } = await served();
    expect((await post(new URL("/other", url))).status).toBe(404);
    expect((await post(url, { "content-type": "text/plain" })).status).toBe(415);
    expect((await post(url, {}, "x".repeat(maxMessageBytes + 1))).status).toBe(413);
    expect(state.total).toBe(0);
  });

  test("takes arguments of the bridge's greatest size", async () => {
    const arguments_ = { text: "x".repeat(32 * 1024 * 1024) };
    const body = JSON.stringify({ ...add, params: { name: "add", arguments: arguments_ } });
    expect((await post((await served()).url, {}, body)).status).toBe(200);
  });

  test("rejects with the system's code when it cannot listen", async () => {
    const { url } = await served();
    await expect(serveHttp(() => definition.over({ total: 0 }), { port: Number(url.port) })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });

  test("close ends a connection that is kept open and a request that is half sent, and is idempotent", async () => {
    const { url, service } = await served();
    const socket = connectSocket(Number(url.port), url.hostname);
    const gone = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    socket.write(`POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
    await post(url, { connection: "keep-alive" });
    await Promise.all([service.close(), service.close()]);
    await gone;
    await expect(post(url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
