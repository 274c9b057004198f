/** The official conformance suite over HTTP: all checks on the suite's fixture, made with our server library; the general ones on every server. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Server } from "@modelcontextprotocol/server";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mockInstance } from "../../testing/mock-world.ts";
import { serveHttp } from "../lib/http.ts";
import { defineMockServer, type MockTool, ToolFailure, toolsOver } from "../lib/mock-server.ts";
import { mockServerRegistry } from "../registry.ts";

const suite = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));
const expectedFailures = fileURLToPath(new URL("expected-failures.yml", import.meta.url));

/** The checks that hold for any server with tools; all others call tools of the fixture. */
const general = ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"];

/** Plays all server checks. `passed`: those that passed at least one assertion and failed none. */
async function conformance(instance: () => Server, ...flags: string[]) {
  const service = await serveHttp(instance);
  try {
    const args = [suite, "server", "--url", service.url, "--suite", "all", ...flags];
    const { code, output } = await new Promise<{ readonly code: unknown; readonly output: string }>((resolve) => {
      execFile(process.execPath, args, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: stdout + stderr }));
    });
    const passed = [...output.matchAll(/^✓ ([\w-]+): [1-9]\d* passed, 0 failed/gm)].map(([, check = ""]) => check);
    return { code, output, passed };
  } finally {
    await service.close();
  }
}

const tool = toolsOver<null>();
const empty = z.object({});

/** What the suite asks of `json_schema_2020_12_tool`. */
const schemaTool: MockTool<null> = {
  name: "json_schema_2020_12_tool",
  description: "Has keywords of JSON Schema 2020-12.",
  inputSchema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: { address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } } },
    properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
    additionalProperties: false,
  },
  outputSchema: undefined,
  run: async () => ({ structured: {}, meta: undefined }),
};

/** The suite's fixture, as far as a library for tools can be assembled into it. */
const fixture = defineMockServer<null>({
  name: "conformance-fixture",
  version: "1.0.0",
  tools: [
    tool({
      name: "test_simple_text",
      description: "Returns text.",
      input: empty,
      output: z.object({ text: z.string() }),
      run: () => ({ text: "This is a simple text response for testing." }),
    }),
    tool({
      name: "test_error_handling",
      description: "Always fails.",
      input: empty,
      output: empty,
      run() {
        throw new ToolFailure("This tool intentionally returns an error for testing");
      },
    }),
    schemaTool,
  ],
});

describe("the conformance suite", () => {
  test("fails on the fixture exactly where the list of expected failures says so", async () => {
    const { code, output, passed } = await conformance(() => fixture.over(null), "--expected-failures", expectedFailures);
    expect(code, output).toBe(0);
    expect(passed).toEqual(
      expect.arrayContaining([...general, "tools-call-simple-text", "tools-call-error", "json-schema-2020-12"]),
    );
  });

  test("every expected failure has its reason on the line above", async () => {
    const lines = (await readFile(expectedFailures, "utf8")).split("\n");
    const entries = lines.flatMap((line, i) => (line.startsWith("  - ") ? [lines[i - 1] ?? ""] : []));
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter((above) => !/^ {2}# \S.+\.$/.test(above))).toEqual([]);
  });

  test("an expected failure that passes fails the suite", async () => {
    const folder = await mkdtemp(join(tmpdir(), "conformance-"));
    try {
      const file = join(folder, "expected.yml");
      await writeFile(file, `${await readFile(expectedFailures, "utf8")}  - ping\n`);
      const { code, output } = await conformance(() => fixture.over(null), "--expected-failures", file);
      expect(code).toBe(1);
      expect(output).toMatch(/stale[\s\S]*ping/i);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test.each(mockServerRegistry.ids)("%s passes the general checks", async (name) => {
    const { passed, output } = await conformance(await mockInstance(name));
    expect(passed, output).toEqual(expect.arrayContaining(general));
  });
});
