import { PassThrough } from "node:stream";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { fakeProcess } from "../../../testing/fake-process.ts";
import { hostileText } from "../../../testing/harmless.ts";
import { registries } from "../../registries.ts";
import { runCli } from "../cli.ts";

const names = registries.servers.ids.join(", ");

function serve(...args: string[]) {
  const streams = { input: new PassThrough(), output: new PassThrough() };
  const fake = fakeProcess({ args: ["serve", ...args], registries, streams });
  return { fake, streams, code: runCli(fake) };
}

/** The address that a server over HTTP printed. */
async function addressOf(fake: { readonly written: { readonly stderr: string } }): Promise<URL> {
  await expect.poll(() => fake.written.stderr).toMatch(/http:\S+/);
  return new URL(/http:\S+/.exec(fake.written.stderr)?.[0] ?? "");
}

describe("serve", () => {
  test.each([
    [[], `error: Name a server. There are: ${names}.\n`],
    [["slak"], `error: Unknown server "slak". Did you mean "slack"? Known: ${names}.\n`],
    [["slack", "--transport", "sse"], 'error: Unknown transport "sse". Known: stdio, http.\n'],
    [["slack", "--scenario", "drive-to-salesforce"], 'error: Unknown server "slack". Known: google-drive, salesforce.\n'],
    [["slack", "--param", "polls=1", "--param", "polls=2"], "error: --param polls is given twice. Give one value.\n"],
    [
      ["slack", "--transport", "http", "--host", "0.0.0.0"],
      "error: --host 0.0.0.0 stands for every address. Give the one address that clients use, e.g. --host 127.0.0.1.\n",
    ],
    [["slack", "--transport", "http", "--port", "70000"], "error: --port 70000: not a port. Give one up to 65535.\n"],
  ])("%j exits with 2, the way out and nothing on stdout", async (args, message) => {
    const { fake, code } = serve(...args);
    expect(await code).toBe(2);
    expect(fake.written).toEqual({ stdout: "", stderr: message });
  });

  test("a scenario without mock servers is named", async () => {
    const { fake, code } = serve("filesystem", "--scenario", "csv-summary-real");
    expect(await code).toBe(2);
    expect(fake.written.stderr).toContain('Scenario "csv-summary-real" has no mock server.');
  });

  test("over stdio: answers on the output stream, logs on stderr, and ends with its input", async () => {
    const { fake, streams, code } = serve("slack", "--param", "polls=2");
    const lines: string[] = [];
    streams.output.on("data", (chunk) => lines.push(...String(chunk).trim().split("\n")));
    streams.input.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_channels","arguments":{}}}\n');
    await expect.poll(() => lines.length).toBe(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ id: 1, result: { structuredContent: { channels: expect.any(Array) } } });
    streams.input.end();
    expect(await code).toBe(0);
    expect(fake.written).toEqual({ stdout: "", stderr: "Serving slack as slack-polling begins with it, over stdio.\n" });
  });

  test("over stdio: what a client breaks the protocol with acts on no terminal", async () => {
    const { fake, streams, code } = serve("clock");
    const initialize = {
      method: "initialize",
      params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "a", version: "1" } },
    };
    streams.input.write(`${JSON.stringify({ jsonrpc: "2.0", id: 0, ...initialize })}\n`);
    streams.input.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, result: {}, [hostileText]: 1 })}\n`);
    await expect.poll(() => fake.written.stderr).toContain("everyone");
    streams.input.end();
    expect(await code).toBe(0);
    expect(fake.written.stderr.replaceAll("\n", " ")).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/u);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("over stdio: %s ends it while its client is still there", async (signal) => {
    const { fake, code } = serve("clock");
    await expect.poll(() => fake.written.stderr).toContain("Serving");
    fake.interrupt(signal);
    expect(await code).toBe(0);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("over HTTP: %s ends it with a client connected", async (signal) => {
    const { fake, code } = serve("clock", "--transport", "http");
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(await addressOf(fake)));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["sleep"]);
    fake.interrupt(signal);
    expect(await code).toBe(0);
    expect(fake.written.stdout).toBe("");
    await expect(client.listTools()).rejects.toThrow();
    await client.close();
  });

  test("the port can be chosen; one that is taken is named", async () => {
    const first = serve("clock", "--transport", "http");
    const { port } = await addressOf(first.fake);
    const second = serve("clock", "--transport", "http", "--port", port);
    expect(await second.code).toBe(2);
    expect(second.fake.written.stderr).toContain(`Cannot listen on 127.0.0.1, port ${port}: EADDRINUSE.`);
    first.fake.interrupt("SIGINT");
    expect(await first.code).toBe(0);
  });

  test("what is served is the seeded world that a run plays", async () => {
    const channels = async (seed: string) => {
      const { streams, code } = serve("slack", "--seed", seed);
      const answer = new Promise<string>((resolve) => streams.output.once("data", (chunk) => resolve(String(chunk))));
      streams.input.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_channels","arguments":{}}}\n');
      const text = await answer;
      streams.input.end();
      await code;
      return text;
    };
    expect(await channels("1")).toBe(await channels("1"));
    expect(await channels("1")).not.toBe(await channels("2"));
  });
});
