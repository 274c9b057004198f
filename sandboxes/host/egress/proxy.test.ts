/** The proxy by itself, spoken to in raw bytes: what a box around it adds is for the conformance checks. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { EgressGrant, EgressRequest } from "../../../contract/index.ts";
import { egressSocket } from "../../runner/process/fetch.ts";
import { grantsOf, isPublic } from "./grants.ts";
import { type EgressLimits, egressLimits, egressProxy } from "./proxy.ts";

const folder = mkdtempSync(join(tmpdir(), "egress-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A server that says what it was asked, and lists it. */
async function origin(answer?: (incoming: IncomingMessage) => Record<string, string>) {
  const asked: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const { host, "proxy-authorization": secret, "x-hop": hop } = incoming.headers;
    asked.push(`${incoming.method} ${incoming.url} ${host} ${secret ?? "-"} ${hop ?? "-"} "${body}"`);
    outgoing.writeHead(200, answer?.(incoming) ?? {}).end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, asked };
}

async function proxy(allow: readonly EgressGrant[], limits: Partial<EgressLimits> = {}) {
  const log: EgressRequest[] = [];
  const own = egressProxy({ allow, log: (request) => log.push(request) }, { ...egressLimits, ...limits });
  const place = mkdtempSync(join(folder, "proxy-"));
  await own.listen(place);
  onTestFinished(() => own.close());
  /** Everything that comes back for these bytes, until the other side ends. */
  const say = (text: string) =>
    new Promise<string>((resolve) => {
      let back = "";
      const socket = connect(join(place, egressSocket));
      socket.setEncoding("utf8").on("data", (chunk) => {
        back += chunk;
      });
      socket.on("error", () => undefined).on("close", () => resolve(back));
      socket.write(text);
    });
  return { say, log, close: own.close, path: join(place, egressSocket) };
}

const head = (line: string, ...headers: string[]) => `${[line, "Host: x", "Connection: close", ...headers].join("\r\n")}\r\n\r\n`;
const named = (port: number, methods?: readonly string[]): EgressGrant => ({
  ...{ host: "granted.test", port, address: "127.0.0.1" },
  ...(methods === undefined ? {} : { methods }),
});
const refusals = (log: readonly EgressRequest[]) => log.map(({ method, host, refused }) => `${method} ${host} ${refused}`);

describe("the proxy", () => {
  test("carries what is granted, with a Host of its own, and logs it without the query", async () => {
    const { port, asked } = await origin();
    const { say, log } = await proxy([named(port, ["GET", "POST"])]);
    const back = await say(head(`GET http://granted.test:${port}/a/b?token=secret HTTP/1.1`));
    expect(back).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n(5\r\n)?hello/);
    await say(`${head(`POST http://granted.test:${port}/p HTTP/1.1`, "Content-Length: 3")}abc`);
    expect(asked).toEqual([`GET /a/b?token=secret granted.test:${port} - - ""`, `POST /p granted.test:${port} - - "abc"`]);
    const common = { host: "granted.test", port, refused: null, status: 200, receivedBytes: 5 };
    expect(log).toEqual([
      { ...common, method: "GET", path: "/a/b", sentBytes: 0 },
      { ...common, method: "POST", path: "/p", sentBytes: 3 },
    ]);
  });

  test("refuses another method, name, port, address, scheme and form, and asks nobody", async () => {
    const { port, asked } = await origin();
    const { say, log } = await proxy([named(port)]);
    for (const line of [
      `POST http://granted.test:${port}/ HTTP/1.1`,
      `GET http://other.test:${port}/ HTTP/1.1`,
      `GET http://sub.granted.test:${port}/ HTTP/1.1`,
      `GET http://granted.test.:${port}/ HTTP/1.1`,
      `GET http://granted.test:${port + 1}/ HTTP/1.1`,
      `GET http://granted.test/ HTTP/1.1`,
      `GET http://127.0.0.1:${port}/ HTTP/1.1`,
      `GET http://0x7f000001:${port}/ HTTP/1.1`,
      `GET http://[::ffff:127.0.0.1]:${port}/ HTTP/1.1`,
      `CONNECT granted.test:${port} HTTP/1.1`,
    ])
      expect(await say(head(line)), line).toMatch(/^HTTP\/1\.1 403 [\s\S]*details="not granted"/);
    for (const line of [
      `GET https://granted.test:${port}/ HTTP/1.1`,
      `GET http://user@granted.test:${port}/ HTTP/1.1`,
      `GET http://:word@granted.test:${port}/ HTTP/1.1`,
      `GET / HTTP/1.1`,
      `CONNECT http://granted.test:${port}/ HTTP/1.1`,
      `CONNECT granted.test HTTP/1.1`,
      `CONNECT granted.test:${port}@other.test:80 HTTP/1.1`,
    ])
      expect(await say(head(line)), line).toMatch(/^HTTP\/1\.1 40[03] /);
    expect(asked).toEqual([]);
    expect(log).toHaveLength(17);
    expect(log.every(({ refused, status }) => refused !== null && status === null)).toBe(true);
  });

  test("a name that leads to this machine or to a private network is refused, unless its address was granted", async () => {
    const { port, asked } = await origin();
    const { say, log } = await proxy([
      { host: "localhost", port },
      { host: "127.0.0.1", port },
    ]);
    expect(await say(head(`GET http://localhost:${port}/ HTTP/1.1`))).toContain('details="not public"');
    expect(await say(head(`GET http://127.0.0.1:${port}/ HTTP/1.1`))).toMatch(/^HTTP\/1\.1 200 /);
    expect(asked).toHaveLength(1);
    expect(refusals(log)).toEqual(["GET localhost not public", "GET 127.0.0.1 null"]);
  });

  test("who sends a body that is refused can send all of it, and then reads why", async () => {
    const { path, log } = await proxy([]);
    const piece = Buffer.alloc(2 ** 20);
    const pieces = 20;
    const back = await new Promise<string>((resolve, reject) => {
      let text = "";
      const socket = connect(path).on("error", reject);
      socket.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      socket.on("close", () => resolve(text));
      socket.write(head("PUT http://granted.test/ HTTP/1.1", `Content-Length: ${pieces * piece.length}`));
      let sent = 0;
      const more = () => {
        if (sent++ < pieces) socket.write(piece, () => setImmediate(more));
      };
      more();
    });
    expect(back).toMatch(/^HTTP\/1\.1 403 /);
    expect(log).toMatchObject([{ method: "PUT", refused: "not granted", sentBytes: 0 }]);
  });

  test("headers of one connection go no further in either direction", async () => {
    const { port, asked } = await origin(() => ({
      "Proxy-Status": "lies",
      Connection: "x-mine, close",
      "X-Mine": "1",
      "X-Other": "2",
    }));
    const { say } = await proxy([named(port)]);
    const back = await say(
      head(
        `GET http://granted.test:${port}/ HTTP/1.1`,
        "Connection: x-hop",
        "X-Hop: 1",
        "Proxy-Authorization: Basic x",
        "Upgrade: h2c",
      ),
    );
    expect(asked).toEqual([`GET / granted.test:${port} - - ""`]);
    expect(back.toLowerCase()).not.toMatch(/lies|x-mine/);
    expect(back.toLowerCase()).toContain("x-other: 2");
  });

  test("a body is never a second request, whatever it holds and however it is framed", async () => {
    let seen = "";
    // Raw, because a server of Node's reads no further where a connection is to be closed.
    const server = createTcpServer((socket) => {
      socket.setEncoding("latin1").on("data", (chunk) => {
        seen += chunk;
        if (seen.endsWith(end)) socket.end("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { say, log } = await proxy([named(port, ["GET", "POST"])]);
    const second = "POST /hidden HTTP/1.1\r\nHost: granted.test\r\nContent-Length: 0\r\n\r\n";
    const line = `GET http://granted.test:${port}/ HTTP/1.1`;
    const chunked = `${second.length.toString(16)}\r\n${second}\r\n0\r\n\r\n`;
    let end = chunked;
    const back = await say(head(line, "Transfer-Encoding: chunked") + chunked);
    expect(seen.toLowerCase()).toMatch(/^get \/ http\/1\.1\r\n([^\r]+\r\n)*transfer-encoding: chunked\r\n/);
    expect(seen.split("\r\n\r\n").slice(1).join("\r\n\r\n")).toBe(chunked);
    end = second;
    seen = "";
    expect(await say(head(line, `Content-Length: ${second.length}`) + second)).toMatch(/^HTTP\/1\.1 204 /);
    expect(seen.toLowerCase()).toContain(`content-length: ${second.length}\r\n`);
    expect(back).toMatch(/^HTTP\/1\.1 204 /);
    expect(log.map(({ sentBytes }) => sentBytes)).toEqual([second.length, second.length]);
    for (const headers of [
      ["Content-Length: 4", "Transfer-Encoding: chunked"],
      ["Content-Length: 4", "Content-Length: 5"],
      ["Transfer-Encoding: chunked, identity"],
      ["Transfer-Encoding: gzip, chunked"],
      ["Transfer-Encoding : chunked"],
      ["Content-Length: +4"],
    ])
      expect(await say(head(line, ...headers) + chunked), `${headers}`).toMatch(/^HTTP\/1\.1 400 /);
    expect(log.slice(2).map(({ refused }) => refused)).toEqual(Array(6).fill("malformed"));
  });

  test("a tunnel where CONNECT is granted carries bytes both ways and counts them", async () => {
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => void socket.on("end", () => socket.end("bye")).resume());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { log, path } = await proxy([named(port, ["CONNECT"])]);
    const back = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect({ path, allowHalfOpen: true });
      socket.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      socket.on("end", () => resolve(text));
      // The first bytes of the tunnel come with its head.
      socket.end(`${head(`CONNECT granted.test:${port} HTTP/1.1`)}12345`);
    });
    expect(back).toBe("HTTP/1.1 200 Connection established\r\n\r\nbye");
    await expect.poll(() => log).toHaveLength(1);
    expect(log[0]).toMatchObject({ method: "CONNECT", path: "", refused: null, status: 200, sentBytes: 5, receivedBytes: 3 });
  });

  test("no request goes by unlogged: without a Host, with an Expect, many on one connection", async () => {
    const { port, asked } = await origin();
    const { say, log } = await proxy([named(port)]);
    const line = `GET http://granted.test:${port}/ HTTP/1.1`;
    await say(`${line}\r\nConnection: close\r\n\r\n`);
    await say(head(line, "Expect: the unexpected"));
    await say(`${line}\r\n\r\n${line}\r\n\r\n${head(line)}`);
    expect(asked).toHaveLength(5);
    expect(log.map(({ refused }) => refused)).toEqual(Array(5).fill(null));
  });

  test("requests under way at once are bounded, also on one connection", async () => {
    const { port } = await origin();
    const { say, log } = await proxy([named(port)]);
    const many = 3 * egressLimits.connections;
    const line = `GET http://granted.test:${port}/ HTTP/1.1`;
    await say(`${line}\r\n\r\n`.repeat(many - 1) + head(line));
    await expect.poll(() => log).toHaveLength(many);
    expect(log.filter(({ refused }) => refused === "limit").length).toBeGreaterThan(0);
  });

  test("a head that is too long and text that is no request are refused and logged", async () => {
    const { say, log } = await proxy([named(80)]);
    expect(await say(head("GET http://granted.test/ HTTP/1.1", `X: ${"x".repeat(egressLimits.headerBytes)}`))).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    expect(await say("no request\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(refusals(log)).toEqual(["  malformed", "  malformed"]);
    const long = "x".repeat(egressLimits.headerBytes - 1_000);
    expect(await say(head("GET http://other.test/ HTTP/1.1", `X: ${long}`))).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("a session's bytes are bounded in sum: the request that goes beyond is cut, and so is every later one", async () => {
    const piece = Buffer.alloc(2 ** 20);
    const server = createServer((_incoming, outgoing) => {
      let pieces = 30;
      const more = () => {
        if (pieces-- > 0) outgoing.write(piece, more);
        else outgoing.end();
      };
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const limit = 10 * 2 ** 20;
    const { log, path } = await proxy([named(port)], { bytes: limit });
    const ask = () =>
      new Promise<void>((resolve) => {
        const socket = connect(path);
        socket.resume().on("close", () => resolve());
        socket.on("error", () => undefined).write(head(`GET http://granted.test:${port}/ HTTP/1.1`));
      });
    await ask();
    await ask();
    await expect.poll(() => log).toHaveLength(2);
    expect(log.map(({ refused }) => refused)).toEqual(["limit", "limit"]);
    expect(log[0]?.receivedBytes).toBeGreaterThan(limit - 2 ** 21);
    expect((log[0]?.receivedBytes ?? 0) + (log[1]?.receivedBytes ?? 0)).toBeLessThanOrEqual(limit);
  });

  test("a session's requests are bounded: one more is logged, and then nothing is answered", async () => {
    const { say, log } = await proxy([], { requests: 3 });
    const line = "GET http://granted.test/ HTTP/1.1\r\n\r\n";
    await say(line.repeat(6));
    expect(log.map(({ refused }) => refused)).toEqual(["not granted", "not granted", "not granted", "limit"]);
  });

  test("a session's connections are bounded, also those that ask for nothing: then nobody listens", async () => {
    const { path } = await proxy([], { requests: 3, connections: 1 });
    const visit = () =>
      new Promise<string>((resolve) => {
        const socket = connect(path).on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
        socket.resume().on("close", () => resolve("turned away"));
      });
    const stays = connect(path).on("error", () => undefined);
    await new Promise((resolve) => stays.once("connect", resolve));
    for (let visits = 0; visits < 3; visits++) expect(await visit()).toBe("turned away");
    expect(await visit()).toBe("ENOENT");
    stays.destroy();
  });

  test("closing ends what is under way, and it is logged by then", async () => {
    const asked = Promise.withResolvers<void>();
    const server = createServer(() => asked.resolve());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { say, log, close } = await proxy([named(port)]);
    const ended = say(head(`GET http://granted.test:${port}/ HTTP/1.1`));
    await asked.promise;
    await Promise.all([close(), close()]);
    expect(refusals(log)).toEqual(["GET granted.test failed"]);
    await ended;
  });
});

describe("grants", () => {
  test("what could never match, or would match more than a name, is refused with what to write", () => {
    for (const host of ["", "*.test", "http://a.test", "a.test:80", "a.test/x", "user@a.test", "a b"])
      expect(() => grantsOf([{ host }]), host).toThrow(/^This egress cannot be granted: .*\. Grant each host by its name alone/);
    expect(() => grantsOf([{ host: "a.test", methods: ["get"] }])).toThrow("Write methods in capitals");
    expect(() => grantsOf([{ host: "a.test", port: 0 }])).toThrow("Ports are 1 to 65535");
    expect(() => grantsOf([{ host: "a.test", address: "b.test" }])).toThrow("is no IP address");
  });

  test("names and addresses match in any form that a URL may give them; ports and methods have defaults", () => {
    const grant = grantsOf([{ host: "Ümlaut.test" }, { host: "::1", port: 8080 }, { host: "a.test", methods: ["CONNECT"] }]);
    expect(grant({ host: "xn--mlaut-jva.test", port: 80, method: "HEAD" })).toEqual({ address: undefined });
    expect(grant({ host: "::1", port: 8080, method: "GET" })).toEqual({ address: "::1" });
    expect(grant({ host: "a.test", port: 443, method: "CONNECT" })).toBeDefined();
    expect(grant({ host: "a.test", port: 443, method: "GET" })).toBeUndefined();
    expect(grant({ host: "a.test", port: 80, method: "CONNECT" })).toBeUndefined();
  });

  test("only addresses of the public network are public", () => {
    for (const address of ["1.1.1.1", "172.15.0.1", "172.32.0.1", "2606:4700::1111"])
      expect(isPublic(address), address).toBe(true);
    for (const address of [
      ...["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255"],
      ...["192.168.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:1.1.1.1", "64:ff9b::101:101"],
      ...["fc00::1", "fe80::1", "ff02::1", "2001:db8::1", "2002:7f00:1::", "not an address"],
    ])
      expect(isPublic(address), address).toBe(false);
  });
});
