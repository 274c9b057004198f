import { request } from "node:http";
import { connect as connectSocket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type HttpLimits, type HttpService, maxMessageBytes, serveHttp } from "./http.ts";
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

async function served(limits?: HttpLimits) {
  const state = { total: 0 };
  const service = await serveHttp(() => definition.over(state), {}, limits);
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

/** Bytes on a socket of their own. `answered` resolves when text that matches has come, `closed` with all of it. */
function raw({ port, hostname }: URL, bytes: string) {
  const socket = connectSocket(Number(port), hostname);
  let text = "";
  const answered = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      const look = () => void (pattern.test(text) && resolve());
      socket.on("data", look);
      look();
    });
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
  socket.on("data", (chunk) => {
    text += String(chunk);
  });
  // What is refused before it was read whole may be reset.
  socket.on("error", () => undefined);
  socket.write(bytes);
  return { socket, answered, closed };
}

const host = "Host: localhost\r\n";
const jsonHead = `POST /mcp HTTP/1.1\r\n${host}Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n`;
const whole = `${jsonHead}Content-Length: ${JSON.stringify(add).length}\r\n\r\n${JSON.stringify(add)}`;

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

  test.each([
    ...["TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "GET", "PROPFIND", "CONNECT"].map(
      (method) => [method, method, 405] as const,
    ),
    ["a method that is none", "BREW", 400],
  ] as const)("%s is refused", async (_, method, status) => {
    const { url, state } = await served();
    const target = method === "CONNECT" ? "localhost:443" : "/mcp";
    const request = `${method} ${target} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
    const answer = await raw(url, request).closed;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status === 405) expect(answer).toMatch(/^allow: POST\r$/im);
    expect((await post(url)).status).toBe(200);
    expect(state.total).toBe(1);
  });

  test.each([
    ["a header that is too long", `GET /mcp HTTP/1.1\r\n${host}X: ${"a".repeat(20_000)}\r\n\r\n`, 431],
    ["too many headers", `GET /mcp HTTP/1.1\r\n${host}${"A: b\r\n".repeat(5_000)}\r\n`, 431],
    ["JSON that is none", `${jsonHead}Connection: close\r\nContent-Length: 1\r\n\r\n{`, 400],
    ["JSON that is very deep", `${jsonHead}Connection: close\r\nContent-Length: 1000000\r\n\r\n${"[".repeat(1_000_000)}`, 400],
    ["a length and chunks", `${jsonHead}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ["chunks without a length", `${jsonHead}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ["what is not HTTP", "\u0016\u0003\u0001\u0002\u0000\r\n\r\n", 400],
  ] as const)("%s is refused", async (_, bytes, status) => {
    const { url, state } = await served();
    expect(await raw(url, bytes).closed).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await post(url)).status).toBe(200);
    expect(state.total).toBe(1);
  });

  test("chunks without an end are refused at the limit of a message", async () => {
    const { url } = await served();
    const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`;
    // Nothing is left unread, for which the answer would be lost in a reset.
    const sent = `${jsonHead}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(33)}1\r\nx\r\n`;
    const { answered, socket } = raw(url, sent);
    await answered(/^HTTP\/1\.1 413 /);
    socket.destroy();
    expect((await post(url)).status).toBe(200);
  });

  test.each([
    ["nothing", ""],
    ["half of a line", "POST /mc"],
    ["half of its headers", jsonHead],
    ["half of its body", `${jsonHead}Content-Length: 100\r\n\r\n{`],
    ["half of a chunk", `${jsonHead}Transfer-Encoding: chunked\r\n\r\n5\r\n{`],
    ["half of a request that is refused", `PUT /mcp HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\n{`],
    ["half of a second request", `${whole}${jsonHead}Content-Length: 100\r\n\r\n{`],
  ])("a connection on which comes %s is ended", async (_, bytes) => {
    const { url } = await served({ headersMs: 50, requestMs: 100, connections: 2 });
    expect(await raw(url, bytes).closed).toMatch(/HTTP\/1\.1 (?:408|405) /);
  });

  test("connections are limited, and one that ends makes room", async () => {
    const { url } = await served({ headersMs: 60_000, requestMs: 60_000, connections: 2 });
    const held = [0, 1].map(() => raw(url, `${whole}${jsonHead}Content-Length: 100\r\n\r\n{`));
    await Promise.all(held.map(({ answered }) => answered(/"total"/)));
    expect(await raw(url, whole).closed).toBe("");
    held[0]?.socket.destroy();
    await held[0]?.closed;
    await expect.poll(async () => (await post(url).catch(() => undefined))?.status).toBe(200);
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
