/** The same cells over memory, stdio and HTTP: what carries the messages may change times and nothing else. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type CellKey, type Params, type TransportId, transports, type WorldServer } from "../../contract/index.ts";
import { defaultModelProfile, defaultSpeedProfile, defaultToolLatency } from "../../fixtures/profiles.ts";
import { scenarioRegistry } from "../../scenarios/registry.ts";
import { patientMs } from "../../testing/patience.ts";
import { isRunning } from "../../testing/processes.ts";
import { hashesOf } from "../../testing/records.ts";
import { playCell } from "../play/cell.ts";
import { scripted } from "../play/models/scripted.ts";
import { directToolCall } from "../play/modes/direct-tool-call/mode.ts";
import { agentRegistry } from "../play/modes/registry.ts";
import { loadCounter } from "../tokens/counters/registry.ts";
import { connect } from "./connection.ts";
import { overTransport } from "./transports.ts";

let tmpDir = "";
beforeAll(async () => {
  tmpDir = await mkdtemp(join(tmpdir(), "transports-"));
});
afterAll(() => rm(tmpDir, { recursive: true, force: true }));

const open: WorldServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const host = () => ({ tmpDir, nodePath: process.execPath });

async function play(scenarioId: string, given: Params, transport: TransportId) {
  const scenario = await scenarioRegistry.load(scenarioId);
  const key: CellKey = {
    ...{ scenario: scenarioId, params: scenario.params.parse(given), mode: directToolCall.id, sandbox: null, model: "scripted" },
    ...{ policy: null, outputSchemas: null, language: null, tools: null, seed: 2, repetition: 0, role: "figure" },
  };
  const { record } = await playCell(key, {
    ...{ scenario, mode: directToolCall, model: scripted, agents: agentRegistry },
    ...{ firstOpen: false, extraServers: [], counters: [await loadCounter("o200k_base")] },
    ...{ serialisations: ["json"], enforceWindow: false, machine: "test", host: host(), now: () => performance.now() },
    profiles: { model: defaultModelProfile, others: [], speed: defaultSpeedProfile, toolLatency: defaultToolLatency },
    limits: { memoryBytes: 2 ** 28, wallTimeMs: patientMs, outputBytes: 2 ** 20, cellTimeMs: patientMs },
    signal: new AbortController().signal,
    transport: { transport, serveFlags: [] },
  });
  if (record.status !== "passed") throw new Error(JSON.stringify(record));
  return record;
}

describe.each([
  ["drive-to-salesforce", { minutes: 2 }],
  ["slack-polling", { polls: 3 }],
] as const)("%s", (scenario, params) => {
  test("has the same transcript, tokens and verdict on every transport, and the record names transport and revision", async () => {
    const [memory, stdio, http] = await Promise.all(transports.map((transport) => play(scenario, params, transport)));
    for (const record of [stdio, http]) {
      expect(record && hashesOf(record)).toEqual(memory && hashesOf(memory));
      expect(record?.ledgers).toEqual(memory?.ledgers);
      expect(record?.checks).toEqual(memory?.checks);
    }
    const used = [memory, stdio, http].map((record) => new Set(record?.servers.map((one) => `${one.transport} ${one.protocol}`)));
    expect(used).toEqual([new Set(["memory 2025-11-25"]), new Set(["stdio 2026-07-28"]), new Set(["http 2026-07-28"])]);
  });
});

test("a server that brings its own transport keeps it", async () => {
  const { servers } = await play("csv-summary-real", {}, "http");
  expect(servers).toEqual([{ server: "filesystem", transport: "stdio", protocol: "2025-11-25" }]);
});

/** The clock of a polling scenario: the smallest state there is. */
async function clockOver(transport: TransportId): Promise<WorldServer> {
  const scenario = await scenarioRegistry.load("slack-polling");
  const params = scenario.params.parse({});
  const { servers } = await scenario.world(params, 1, host());
  const clock = servers.find(({ name }) => name === "clock");
  if (clock === undefined) throw new TypeError("no clock");
  const over = overTransport(clock, { scenario: scenario.id, params, seed: 1 }, { transport, serveFlags: [], host: host() });
  open.push(over);
  return over;
}

test.each(transports)("over %s the verifier reads the state that calls left", async (transport) => {
  const server = await clockOver(transport);
  const { client } = await connect(server, { timeoutMs: patientMs });
  expect(await server.snapshot()).toEqual({ sleptSeconds: 0 });
  await client.callTool({ name: "sleep", arguments: { seconds: 5 } });
  expect(await server.snapshot()).toEqual({ sleptSeconds: 5 });
});

test("a child process that died gives no state, and the error says so", async () => {
  const server = await clockOver("stdio");
  const transport = await server.connect();
  const pid = "pid" in transport ? Number(transport.pid) : 0;
  process.kill(pid, "SIGKILL");
  await expect(server.snapshot()).rejects.toMatchObject({
    code: "SERVER_START",
    message: expect.stringMatching(/MCP server "clock".*ended before it gave its state/s),
  });
});

test("closing ends the child process", async () => {
  const server = await clockOver("stdio");
  const transport = await server.connect();
  const pid = "pid" in transport ? Number(transport.pid) : 0;
  expect(isRunning(pid)).toBe(true);
  await server.close();
  expect(isRunning(pid)).toBe(false);
});
