/**
 * Hostile servers and guests, played whole: each ends in a clear status, the host's memory stays bounded, no process is
 * left, and what they said is harmless in every report.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { CellRecord, Scenario } from "../../contract/index.ts";
import { reporterRegistry } from "../../reports/registry.ts";
import { cellPlayer } from "../../testing/cells.ts";
import { expectHarmless, hostileText } from "../../testing/harmless.ts";
import type { HostReport } from "../../testing/host-of-hostile-server.ts";
import { memoryServer, plainTool } from "../../testing/memory-server.ts";
import { patientMs, withEnoughTime } from "../../testing/patience.ts";
import { runOf } from "../../testing/records.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { createBridge } from "./bridge/bridge.ts";
import { openCatalogue, readCatalogue } from "./catalogue.ts";

const host = fileURLToPath(new URL("../../testing/host-of-hostile-server.ts", import.meta.url));
const server = fileURLToPath(new URL("../../testing/hostile-server.ts", import.meta.url));
const secret = "s3cr3t-token-value";

let folder = "";
let next = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hostile-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function catalogue(entry: object): Promise<string> {
  const file = join(folder, `catalogue-${next++}.json`);
  await writeFile(file, JSON.stringify({ mcpServers: { hostile: entry } }));
  return file;
}

/** Their calls end by the call's time-out, so it is short for them. For all others it is longer than any slow machine needs. */
const hanging: ReadonlySet<string> = new Set(["hangs-in-call", "chatters-in-call", "rubbish-in-call"]);
const hangingMs = 700;

/** What came of it in a host of its own; fails if a process of the server is left. */
async function meet(fault: string, extra = "", callTimeoutMs = patientMs): Promise<HostReport> {
  const file = await catalogue({
    command: process.execPath,
    args: [server, fault, extra, folder],
    env: { SERVICE_TOKEN: secret },
  });
  const child = spawn(process.execPath, [host, file, String(callTimeoutMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  expect((await once(child, "close"))[0]).toBe(0);
  expect(await processesWith(server)).toEqual([]);
  return JSON.parse(stdout) as HostReport;
}

/** Command lines that hold `text` and this test's folder; on a system without /proc, none. */
async function processesWith(text: string): Promise<string[]> {
  const pids = existsSync("/proc/self") ? (await readdir("/proc")).filter((name) => /^\d+$/.test(name)) : [];
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(text) && line.includes(folder));
}

async function expectHarmlessInEveryFormat(record: CellRecord): Promise<void> {
  for (const id of reporterRegistry.ids) {
    const reporter = await reporterRegistry.load(id);
    expectHarmless(id, reporter.render(runOf(), [record], { columns: 80, colours: false, notes: [] }));
  }
}

/** Of the host, over what it had when it was loaded: room for one message at the limit, held a few times over. */
const maxGrowthBytes = 300 * 1024 * 1024;

describe("a catalogue server that", () => {
  const overflow =
    /^The call of hostile__act failed: Connection closed \(printed more than 67108864 bytes without the end of a line\)$/;
  const timedOut = /^The call of hostile__act failed: Request timed out$/;
  const gone = /^The call of hostile__act failed: /;
  const heard = /^first$/;

  test.each<[fault: string, extra: string, statuses: string, texts: readonly [RegExp, RegExp], cell: RegExp]>([
    ["hangs-in-call", "", "failed failed", [timedOut, timedOut], /^limit-exceeded$/],
    ["dies-in-call", "", "failed failed", [/Connection closed \(exited with code 9\)$/, gone], /^failed$/],
    ["dies-between-calls", "", "ok failed", [heard, gone], /^failed$/],
    ["answers-twice", "", "ok ok", [heard, heard], /^failed$/],
    ["answers-ahead", "", "ok ok", [heard, heard], /^failed$/],
    ["asks-back", "", "ok ok", [heard, heard], /^failed$/],
    ["rubbish-result", "", "failed failed", [gone, gone], /^failed$/],
    ["wrong-schemas", "", "failed failed", [gone, gone], /^failed$/],
    ["slow-pattern", "", "failed failed", [/could not be checked .* within 1000 ms/, /could not be checked/], /^failed$/],
    ["proto-keys", "", "ok ok", [/"constructor"/, /"constructor"/], /^failed$/],
    ["deep-result", "", "failed failed", [/nested too deeply/, gone], /^failed$/],
    ["floods-in-call", "", "failed failed", [overflow, gone], /^failed$/],
    ["huge", "100000000", "failed failed", [overflow, gone], /^failed$/],
    ["huge", "40000000", "too-large too-large", [/has 40000000 bytes; the limit is/, /the limit is/], /^failed$/],
    ["chatters-in-call", "", "failed failed", [timedOut, timedOut], /^limit-exceeded$/],
    [
      "rubbish-in-call",
      "",
      "failed failed",
      [/Request timed out \(printed \d+ lines that are no MCP messages/, gone],
      /^limit-exceeded$/,
    ],
    ["refuses-at-length", "20000000", "failed failed", [/^.{1000,2200}$/, /^.{1000,2200}$/], /^failed$/],
    ["refuses-text", hostileText, "failed failed", [/\[redacted\]$/s, /\[redacted\]$/s], /^failed$/],
    ["errs-text", hostileText, "tool-error tool-error", [/\[redacted\]$/s, /\[redacted\]$/s], /^failed$/],
    ["says-text", hostileText, "ok ok", [/red/, /red/], /^failed$/],
  ])("%s", async (fault, extra, statuses, [first, second], cell) => {
    const hear = async (callTimeoutMs: number) => {
      const report = await meet(fault, extra, callTimeoutMs);
      expect(report.refused).toBeUndefined();
      expect(report.replies?.map(({ status }) => status).join(" ")).toBe(statuses);
      expect(report.replies?.[0]?.text).toMatch(first);
      expect(report.replies?.[1]?.text).toMatch(second);
      return report;
    };
    // A server that talks without end has to have begun before its time is over.
    const report = hanging.has(fault) ? await withEnoughTime(hangingMs, hear) : await hear(patientMs);
    const { replies, record, peakBytes, pollution } = report;
    expect(record?.status).toMatch(cell);
    expect(JSON.stringify({ replies, record })).not.toContain(secret);
    expect(pollution).toEqual([]);
    expect(peakBytes.after - peakBytes.before).toBeLessThan(maxGrowthBytes);
    if (record !== undefined) await expectHarmlessInEveryFormat(record);
  });

  test.each([
    ["endless-list", /goes past 1000 pages or 10000 tools/],
    ["heavy-pages", /goes past 33554432 characters/],
    ["deep-schema", /nested too deeply/],
    ["flood", /printed more than 67108864 bytes/],
    ["refuses-list", /bad \[redacted\]/],
  ])("%s is refused with the reason before anything is played", async (fault, message) => {
    const { refused, replies, peakBytes } = await meet(fault);
    expect({ refused, replies }).toEqual({ refused: { code: "SERVER_START", message: expect.stringMatching(message) } });
    expect(refused?.message).not.toContain(secret);
    expect(peakBytes.after - peakBytes.before).toBeLessThan(maxGrowthBytes);
  });
});

describe("a remote server", () => {
  const open: Server[] = [];
  afterAll(() => {
    for (const listening of open) listening.closeAllConnections();
    return Promise.all(open.map((listening) => new Promise((resolve) => listening.close(resolve))));
  });
  async function listen(answer: RequestListener): Promise<string> {
    const listening = createServer(answer).listen(0, "127.0.0.1");
    open.push(listening);
    await once(listening, "listening");
    return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/mcp`;
  }

  /** Speaks just enough of Streamable HTTP to get to the call. */
  const speaking = (call: (id: unknown, response: Parameters<RequestListener>[1]) => void): RequestListener => {
    return async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      if (request.method !== "POST") return void response.writeHead(405).end();
      const { id, method } = JSON.parse(body);
      const reply = (result: object) =>
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, result }));
      if (id === undefined) return void response.writeHead(202).end();
      if (method === "initialize") {
        return void reply({
          protocolVersion: "2025-11-25",
          capabilities: { tools: {} },
          serverInfo: { name: "h", version: "0" },
        });
      }
      if (method === "tools/list") return void reply({ tools: [{ name: "act", inputSchema: { type: "object" } }] });
      if (method === "tools/call") return void call(id, response);
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } }));
    };
  };

  async function callOf(url: string) {
    const file = await catalogue({ url, headers: { Authorization: `Bearer ${secret}` } });
    const connections = await openCatalogue(await readCatalogue(file), { timeoutMs: patientMs });
    const limits = { maxArgumentBytes: 1e6, maxResultBytes: 1e6, maxConcurrentCalls: 8, maxCalls: 10 };
    const bridge = createBridge(connections, { limits, now: () => performance.now(), callTimeoutMs: patientMs });
    const reply = await bridge.call("hostile", "act", {});
    await Promise.all(connections.map((connection) => connection.close()));
    return reply;
  }

  test("that quotes its own token is redacted", async () => {
    const url = await listen(
      speaking((id, response) => {
        const error = { code: -32603, message: `invalid token ${secret}` };
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, error }));
      }),
    );
    expect(await callOf(url)).toEqual({ status: "failed", text: expect.stringContaining("invalid token [redacted]") });
  });

  test("that refuses with a page of HTML, and its token in it, is failed and redacted", async () => {
    const url = await listen(speaking((_, response) => void response.writeHead(500).end(`<h1>${secret}</h1>`)));
    const reply = await callOf(url);
    expect(reply.status).toBe("failed");
    expect(reply.text).not.toContain(secret);
  });

  /** Sends for as long as it is read. */
  const endless = (type: string, block: string): RequestListener => {
    return (_, response) => {
      response.writeHead(200, { "content-type": type });
      const write = (): void => {
        while (!response.destroyed && response.write(block));
        if (!response.destroyed) response.once("drain", write);
      };
      write();
    };
  };

  const maxBytes = 1 << 20;
  test.each([
    ["a body", "application/json", "x".repeat(1 << 16)],
    ["an event", "text/event-stream", `data: ${"x".repeat(1 << 16)}\n`],
    ["a line of an event", "text/event-stream", "x".repeat(1 << 16)],
  ])("that sends %s without end is cut off", async (_, type, block) => {
    const response = await boundedFetch(maxBytes)(await listen(endless(type, block)));
    await expect(response.text()).rejects.toThrow(`one message is over ${maxBytes} bytes`);
  });

  test.each(["\n\n", "\r\n\r\n"])("may send more in many events, however they are cut (%j)", async (end) => {
    const event = `data: ${"x".repeat(1 << 14)}${end}`;
    const url = await listen(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const text = event.repeat(100);
      // Cut within the pair of line ends every time.
      for (let from = 0; from < text.length; from += event.length) {
        response.write(text.slice(from === 0 ? 0 : from - 1, from + event.length - 1));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      response.end("\n");
    });
    const response = await boundedFetch(maxBytes)(url);
    expect((await response.text()).length).toBeGreaterThan(maxBytes);
  });
});

describe("a guest", () => {
  const program = `import { mkdir, readdir, writeFile } from "node:fs/promises";
const text = ${JSON.stringify(hostileText)};
console.log(text);
const names = ["<img src=x onerror=alert(1)>", "=HYPERLINK(1)", "\\u001b[2J", "__proto__", "[a](b)"];
await mkdir("out").catch(() => undefined);
for (const name of names) await writeFile("out/" + name.replaceAll("/", ""), text).catch((error) => console.log(String(error)));
console.log((await readdir("out")).join(" "));
console.log(JSON.parse('{"__proto__": {"polluted": 1}}'));
const error = new Error(text);
error.name = "=1+1\\u001b[31m<script>";
throw error;
`;
  const quiet = () => memoryServer({ name: "quiet", list: () => ({ tools: [plainTool("t")] }) });
  const scenario: Scenario = {
    id: "shout",
    title: "A program that prints and throws what it should not",
    source: "a test",
    params: z.object({}),
    variants: [{}],
    virtualTime: false,
    world: async (params, seed) => ({ task: { params, seed, prompt: "Shout.", facts: {} }, servers: [quiet()] }),
    *direct() {
      yield { uses: [] };
      return {};
    },
    *code() {
      const [result] = yield { uses: [{ file: "shout.ts", values: {} }] };
      return { heard: result?.text ?? "" };
    },
    needs: () => [],
    get programs() {
      return pathToFileURL(`${folder}/`);
    },
    answer: ({ heard }) => String(heard),
    verify: ({ answer }) => [{ id: "it is silent", passed: answer === "", detail: answer }],
  };

  test.each(["quickjs", "subprocess"])(
    "on %s that prints, throws and names files so does nothing to the host or the reports",
    async (id) => {
      await writeFile(join(folder, "shout.ts"), program);
      const { playOne, dispose } = cellPlayer(folder);
      const { record } = await playOne({ mode: "code-execution", sandbox: id }, { scenario });
      await dispose();
      expect(record.status).toBe("failed");
      const [check] = record.status === "failed" ? record.checks : [];
      expect(check?.detail).toContain("onerror=alert(1)");
      expect(check?.detail).toContain("=HYPERLINK(1)");
      expect(check?.detail).toContain("Error: =1+1");
      await expectHarmlessInEveryFormat(record);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );
});
