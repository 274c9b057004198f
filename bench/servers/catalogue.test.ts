// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the file format's own variables
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patientMs } from "../../testing/patience.ts";
import { isRunning } from "../../testing/processes.ts";
import { createBridge } from "./bridge/bridge.ts";
import { type CatalogueEntry, openCatalogue, readCatalogue } from "./catalogue.ts";

const hostileServer = fileURLToPath(new URL("../../testing/hostile-server.ts", import.meta.url));
const stableServer = fileURLToPath(new URL("../../testing/stable-server.ts", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "catalogue-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string | object, env?: Record<string, string>): Promise<CatalogueEntry[]> {
  const file = join(folder, "mcp.json");
  await writeFile(file, typeof text === "string" ? text : JSON.stringify(text));
  return readCatalogue(file, env);
}

describe("readCatalogue", () => {
  test("reads local and remote servers, fills variables, and skips disabled ones", async () => {
    const entries = await read(
      {
        mcpServers: {
          files: { command: "npx", args: ["-y", "files", "${HOME}/data"], env: { PORT: 3, KEY: "${env:KEY}" }, autoApprove: [] },
          off: { command: "x", disabled: true },
          web: { type: "streamable-http", url: "https://example.com/mcp", headers: { Authorization: "Bearer ${KEY}" } },
          plain: { url: "http://${HOST:-localhost}:1/mcp" },
          old: { type: "sse", url: "https://example.com/sse" },
        },
      },
      { HOME: "/home/me", KEY: "k1" },
    );
    expect(entries).toEqual([
      { type: "stdio", name: "files", command: "npx", args: ["-y", "files", "/home/me/data"], env: { PORT: "3", KEY: "k1" } },
      { type: "http", name: "web", url: "https://example.com/mcp", headers: { Authorization: "Bearer k1" } },
      { type: "http", name: "plain", url: "http://localhost:1/mcp", headers: {} },
      { type: "sse", name: "old", url: "https://example.com/sse", headers: {} },
    ]);
  });

  test("reads VS Code's form too", async () => {
    expect(await read({ servers: { a: { type: "stdio", command: "a" } } })).toMatchObject([{ name: "a", command: "a" }]);
  });

  test.each<[string, string | object, RegExp]>([
    [
      "broken JSON, without quoting it",
      '{"mcpServers": {\n "a": {"env": {"KEY": "hush hush"}},,}}',
      /it is not JSON \(line 2\)\. Mend it/,
    ],
    ["no mcpServers", { tools: {} }, /no object "mcpServers"/],
    ["mcpServers that is a list", { mcpServers: [] }, /no object "mcpServers"/],
    ["no server", { mcpServers: {} }, /no enabled server/],
    ["only disabled servers", { mcpServers: { a: { command: "a", enabled: false } } }, /no enabled server/],
    ["a name with a space", { mcpServers: { "my files": { command: "a" } } }, /mcpServers\.my files: the name cannot be used/],
    ["a name with a double underscore", { mcpServers: { a__b: { command: "a" } } }, /mcpServers\.a__b: the name cannot be used/],
    ["a server that is a string", { mcpServers: { a: "npx a" } }, /mcpServers\.a is not an object/],
    ["neither command nor url", { mcpServers: { a: {} } }, /mcpServers\.a has neither command nor url/],
    ["both command and url", { mcpServers: { a: { command: "a", url: "http://a" } } }, /mcpServers\.a has both/],
    ["args that are a string", { mcpServers: { a: { command: "a", args: "-x" } } }, /mcpServers\.a\.args: /],
    ["a wrong argument", { mcpServers: { a: { command: "a", args: ["-x", 3] } } }, /mcpServers\.a\.args\.1: /],
    ["an unknown type", { mcpServers: { a: { type: "carrier-pigeon", url: "http://a" } } }, /mcpServers\.a\.type: /],
    ["a url that is none", { mcpServers: { a: { url: "file:///etc/passwd" } } }, /mcpServers\.a\.url is not an http/],
    [
      "a header that HTTP forbids, without its value",
      { mcpServers: { a: { url: "http://a", headers: { K: "hush\nhush" } } } },
      /mcpServers\.a\.headers holds/,
    ],
    [
      "a variable that is not set",
      { mcpServers: { a: { command: "a", env: { K: "${NOPE}" } } } },
      /mcpServers\.a\.env\.K uses the variable NOPE/,
    ],
  ])("refuses %s", async (_, text, message) => {
    const error = await read(text, {}).catch((failure: Error) => failure);
    expect(error).toMatchObject({ code: "CATALOGUE", message: expect.stringMatching(message) });
    expect(String(error)).not.toContain("hush");
  });

  test("a missing file is named", async () => {
    await expect(readCatalogue(join(folder, "nope.json"))).rejects.toThrow(/nope\.json: the file does not exist/);
  });
});

const stable: CatalogueEntry = {
  type: "stdio",
  name: "stable",
  command: process.execPath,
  args: [stableServer],
  env: {},
};
const hostile = (fault: string, env: Record<string, string> = {}): CatalogueEntry => ({
  type: "stdio",
  name: fault,
  command: process.execPath,
  args: [hostileServer, fault],
  env,
});

describe("openCatalogue", () => {
  test("connects to all, in entry order", async () => {
    const connections = await openCatalogue([{ ...stable, name: "b" }, hostile("none"), { ...stable, name: "a" }], {
      timeoutMs: patientMs,
    });
    expect(connections.map(({ name }) => name)).toEqual(["b", "none", "a"]);
    await Promise.all(connections.map((connection) => connection.close()));
  });

  test("one failure ends the others at once, and names the server without its secrets", async () => {
    const entries = [hostile("hangs-at-initialize"), hostile("refuses-list", { SERVICE_TOKEN: "s3cr3t-value" })];
    await expect(openCatalogue(entries, { timeoutMs: patientMs })).rejects.toMatchObject({
      code: "SERVER_START",
      message: expect.stringMatching(/^MCP server "refuses-list" cannot be used: .*bad \[redacted\]\. Mend the server/),
    });
  });

  test("Ctrl-C while servers start ends as ABORTED and leaves no process", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    await expect(
      openCatalogue([hostile("hangs-at-initialize")], { timeoutMs: patientMs, signal: stop.signal }),
    ).rejects.toMatchObject({ code: "ABORTED" });
  });

  test.each(["http", "sse"] as const)("a dead %s server is named with the reason, and no header value", async (type) => {
    const url = `http://127.0.0.1:${await freePort()}/mcp?key=hush-hush`;
    const error = await openCatalogue([{ type, name: "web", url, headers: { "X-Key": "hush-hush" } }], {
      timeoutMs: patientMs,
    }).catch((e: Error) => e);
    expect(error).toMatchObject({
      code: "SERVER_START",
      message: expect.stringMatching(/^MCP server "web" cannot be used: .*ECONNREFUSED/),
    });
    expect(String(error)).not.toContain("hush-hush");
  });

  test("server-everything over Streamable HTTP", async () => {
    const port = await freePort();
    const entry = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-everything/dist/index.js"));
    const child = spawn(process.execPath, [entry, "streamableHttp"], {
      env: { PORT: String(port) },
      stdio: ["ignore", "ignore", "pipe"],
    });
    try {
      await new Promise<void>((resolve) => child.stderr.on("data", (text) => String(text).includes("listening") && resolve()));
      const url = `http://127.0.0.1:${port}/mcp`;
      const [connection] = await openCatalogue([{ type: "http", name: "web", url, headers: {} }], { timeoutMs: patientMs });
      if (connection === undefined) throw new Error("No connection.");
      expect(connection.protocol).toBe("2025-11-25");
      const limits = { maxArgumentBytes: 1_000, maxResultBytes: 1_000, maxConcurrentCalls: 2, maxCalls: 5 };
      const bridge = createBridge([connection], { limits, now: () => performance.now() });
      expect(await bridge.call("web", "echo", { message: "hi" })).toEqual({ status: "ok", text: "Echo: hi" });
      await connection.close();
      expect((await bridge.call("web", "echo", { message: "hi" })).status).toBe("failed");
    } finally {
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
    }
    expect(child.pid !== undefined && isRunning(child.pid)).toBe(false);
  });
});

/** A loopback port that nothing listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
