/** Whole cells: every scenario in every mode on every sandbox that this issue brings, played for real. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Bridge,
  type CellKey,
  type Mode,
  type NeededTool,
  outputSchemaChoices,
  type Params,
  policies,
  type Sandbox,
  type Scenario,
} from "../../contract/index.ts";
import { defaultModelProfile, defaultSpeedProfile, defaultToolLatency } from "../../fixtures/profiles.ts";
import { sandboxRegistry } from "../../sandboxes/registry.ts";
import { scenarioRegistry } from "../../scenarios/registry.ts";
import { printedJson } from "../../scenarios/results.ts";
import { patientMs } from "../../testing/patience.ts";
import { conversationIn, hashesOf } from "../../testing/records.ts";
import { loadCounter } from "../tokens/counters/registry.ts";
import { playCell } from "./cell.ts";
import { scripted } from "./models/scripted.ts";
import { agentRegistry, modeRegistry } from "./modes/registry.ts";
import type { CellSetting } from "./setting.ts";

/** Small worlds: the shape of the work is what is tested here. */
const small: { readonly [scenario: string]: readonly Params[] } = {
  "drive-to-salesforce": [{ minutes: 2 }],
  "sheet-filter": [{ rows: 120 }, { rows: 120, pageRows: 50 }, { rows: 120, serverQuery: true }],
  "slack-polling": [{ polls: 1 }, { polls: 4 }],
  "csv-summary-real": [{ kilobytes: 3 }],
};

let tmpDir = "";
const sandboxes = new Map<string, Sandbox>();

beforeAll(async () => {
  tmpDir = await mkdtemp(join(tmpdir(), "cells-"));
  const host = { env: {}, platform: process.platform, now: () => performance.now(), tmpDir, nodePath: process.execPath };
  for (const id of ["quickjs", "quickjs-inprocess", "subprocess"]) sandboxes.set(id, (await sandboxRegistry.load(id))(host));
});
afterAll(async () => {
  await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.dispose()));
  await rm(tmpDir, { recursive: true, force: true });
});

async function playOne(key: Partial<CellKey>, changes: Partial<CellSetting> = {}) {
  const scenario = await scenarioRegistry.load(key.scenario ?? "sheet-filter");
  const mode = await modeRegistry.load(key.mode ?? "direct-tool-call");
  const sandboxId = mode.sandbox !== null ? (key.sandbox ?? "quickjs") : null;
  const sandbox = sandboxId === null ? undefined : sandboxes.get(sandboxId);
  const whole: CellKey = {
    scenario: scenario.id,
    mode: mode.id,
    sandbox: sandboxId,
    model: "scripted",
    policy: mode.policies[0] ?? null,
    outputSchemas: mode.showsOutputSchemas ? "real" : null,
    language: mode.sandbox?.languages[0] ?? null,
    tools: null,
    seed: 1,
    repetition: 0,
    role: "figure",
    ...key,
    params: scenario.params.parse(key.params ?? small[scenario.id]?.[0] ?? {}),
  };
  return playCell(whole, {
    scenario,
    mode,
    model: scripted,
    agents: agentRegistry,
    ...(sandbox === undefined ? {} : { sandbox }),
    firstOpen: false,
    extraServers: [],
    counters: [await loadCounter("o200k_base")],
    serialisations: ["json"],
    profiles: { model: defaultModelProfile, others: [], speed: defaultSpeedProfile, toolLatency: defaultToolLatency },
    limits: { memoryBytes: 256 * 2 ** 20, wallTimeMs: patientMs, outputBytes: 2 ** 20, cellTimeMs: patientMs },
    enforceWindow: false,
    machine: "test",
    host: { tmpDir, nodePath: process.execPath },
    now: () => performance.now(),
    signal: new AbortController().signal,
    ...changes,
  });
}

const worlds = Object.entries(small).flatMap(([scenario, sets]) => sets.map((params) => ({ scenario, params })));

describe.each(worlds)("$scenario $params", ({ scenario, params }) => {
  test.each([
    { mode: "direct-tool-call" },
    ...policies.map((policy) => ({ mode: "code-execution", policy })),
    ...outputSchemaChoices.map((outputSchemas) => ({ mode: "code-execution", outputSchemas })),
    { mode: "code-execution", sandbox: "subprocess" },
    { mode: "code-execution-echo" },
  ])("passes in $mode $policy $outputSchemas $sandbox", async (key) => {
    const { codeReturning } = await scenarioRegistry.load(scenario);
    const { record } = await playOne({ scenario, params, ...key });
    const means = "policy" in key && key.policy === "return-and-ask" && codeReturning === undefined;
    expect(record).toMatchObject({ status: means ? "model-error" : "passed" });
  });

  test.each(policies.filter((policy) => policy !== "return-and-ask"))(
    "has the same transcript on every sandbox and in every play (%s)",
    async (policy) => {
      const hashes = [];
      for (const sandbox of ["quickjs", "subprocess", "quickjs"]) {
        const { record } = await playOne({ scenario, params, mode: "code-execution", sandbox, policy });
        hashes.push(hashesOf(record)[0] ?? record.status);
      }
      expect(new Set(hashes).size).toBe(1);
    },
  );

  test("reaches the same end when the calls of one turn settle last-issued first", async () => {
    for (const mode of ["direct-tool-call", "code-execution"]) {
      const batches: number[] = [];
      const plain = await modeRegistry.load(mode);
      const reversed: Mode = { ...plain, start: (start) => plain.start({ ...start, bridge: lastFirst(start.bridge, batches) }) };
      const backwards = await playOne({ scenario, params, mode, sandbox: "quickjs-inprocess" }, { mode: reversed });
      const forwards = await playOne({ scenario, params, mode, sandbox: "quickjs-inprocess" });
      expect(backwards.record).toMatchObject({ status: "passed" });
      expect(conversationIn(backwards)).toEqual(conversationIn(forwards));
      const together = Number(params.pageRows ?? 0) > 0 && Number(params.pageRows) * 2 < Number(params.rows);
      if (together) expect(Math.max(...batches), "calls that went out together").toBeGreaterThan(1);
    }
  });
});

/** A bridge that carries out the calls of one moment in reverse, each after the one before it has settled. */
function lastFirst(bridge: Bridge, batches: number[]): Bridge {
  let waiting: (() => Promise<void>)[] = [];
  const carryOut = async () => {
    const batch = waiting.reverse();
    waiting = [];
    batches.push(batch.length);
    for (const call of batch) await call();
  };
  return {
    ...bridge,
    get log() {
      return bridge.log;
    },
    call: (...call) =>
      new Promise((resolve) => {
        if (waiting.length === 0) setImmediate(() => void carryOut());
        waiting.push(async () => resolve(await bridge.call(...call)));
      }),
  };
}

test("a sheet of 66,000 rows in one page is no more than its rows, in either mode", async () => {
  for (const mode of ["direct-tool-call", "code-execution"]) {
    const { record } = await playOne({ scenario: "sheet-filter", mode, params: { rows: 66_000, pageRows: 0 } });
    expect(record).toMatchObject({ status: "passed" });
  }
});

test("discovery runs are discovery, the run that calls tools is code", async () => {
  const transcript = conversationIn(await playOne({ scenario: "slack-polling", mode: "code-execution", outputSchemas: "all" }));
  const uses = transcript?.messages.flatMap(({ content }, m) =>
    content.flatMap((block, b) => (block.type === "tool_use" ? [transcript.causes[m]?.[b]] : [])),
  );
  expect(uses).toEqual(["discovery", "discovery", "discovery", "code"]);
});

test("calls that go out together are one wait of modelled time, in either mode", async () => {
  for (const mode of ["direct-tool-call", "code-execution"]) {
    const params = { rows: 20, pageRows: 1 };
    const { record } = await playOne({ scenario: "sheet-filter", mode, outputSchemas: "all", params });
    expect(record).toMatchObject({ status: "passed", activity: { calls: 20, callWaves: 2 }, modelled: { toolWaits: 2 } });
  }
});

test("waits are virtual: modelled, not waited for", async () => {
  for (const mode of ["direct-tool-call", "code-execution"]) {
    const params = { polls: 4, intervalSeconds: 3600 };
    const { record } = await playOne({ scenario: "slack-polling", mode, outputSchemas: "all", params });
    expect(record).toMatchObject({ status: "passed", modelled: { waitSeconds: 3 * 3600 } });
  }
});

/** Of virtual time: no program of these tests takes as long. */
const halfAMinute = { limits: { memoryBytes: 2 ** 28, wallTimeMs: 30_000, outputBytes: 2 ** 20, cellTimeMs: patientMs } };

test("an agent that promised to be back before the wall-time limit returns, asks again, and waits as long in all", async () => {
  const key = { scenario: "slack-polling", mode: "code-execution", params: { polls: 10, intervalSeconds: 5 } } as const;
  const played = await playOne({ ...key, policy: "return-and-ask", outputSchemas: "all" }, halfAMinute);
  const transcript = conversationIn(played);
  expect(played.record).toMatchObject({ status: "passed", modelled: { waitSeconds: 9 * 5 } });
  const programs = Object.values(transcript?.labels ?? {}).filter((label) => label === "wait-a-while.ts");
  expect(programs).toHaveLength(2);
});

test.each([31, 3600])("it does so also where one pause of %i s is longer than the limit", async (intervalSeconds) => {
  const key = { scenario: "slack-polling", mode: "code-execution", params: { polls: 3, intervalSeconds } } as const;
  const { record } = await playOne({ ...key, policy: "return-and-ask", outputSchemas: "all" }, halfAMinute);
  expect(record).toMatchObject({ status: "passed", modelled: { waitSeconds: 2 * intervalSeconds } });
});

test("and its cell ends when a program of it waits longer than the limit, in virtual time", async () => {
  const scenario = await scenarioRegistry.load("slack-polling");
  const late = { ...halfAMinute, scenario: { ...scenario, codeReturning: scenario.code } };
  const key = { scenario: "slack-polling", mode: "code-execution", params: { polls: 3, intervalSeconds: 31 } } as const;
  expect((await playOne({ ...key, policy: "return-and-ask" }, late)).record).toMatchObject({ limit: "wallTime" });
  expect((await playOne({ ...key, policy: "minimal" }, late)).record).toMatchObject({ status: "passed" });
});

describe("what servers say of themselves", () => {
  const system = async (key: Partial<CellKey>) =>
    conversationIn(await playOne({ scenario: "drive-to-salesforce", ...key }))?.system;

  test("is a block for each server, in every mode", async () => {
    for (const mode of ["direct-tool-call", "code-execution"]) {
      expect(await system({ mode })).toMatchObject([
        { cause: "system" },
        { cause: "instructions", server: "google-drive", text: expect.stringContaining("Google Drive") },
        { cause: "instructions", server: "salesforce", text: expect.stringContaining("Salesforce") },
      ]);
    }
  });

  test("is a file in the server's folder under policy readme, and the agent reads it", async () => {
    const transcript = conversationIn(
      await playOne({ scenario: "drive-to-salesforce", mode: "code-execution", policy: "readme" }),
    );
    expect(transcript?.system).toHaveLength(1);
    const read = transcript?.messages.flatMap(({ content }) => content.map((block) => ("content" in block ? block.content : "")));
    expect(read?.join("\n")).toContain("Records of one Salesforce organisation.");
  });
});

test("without output schemas a code agent looks once at what the tools that read return, and never at one that writes", async () => {
  const looks = async (outputSchemas: "none" | "all") => {
    const transcript = conversationIn(await playOne({ scenario: "drive-to-salesforce", mode: "code-execution", outputSchemas }));
    return Object.values(transcript?.labels ?? {}).filter((label) => label.startsWith("look "));
  };
  expect(await looks("none")).toEqual(["look google-drive/get_document"]);
  expect(await looks("all")).toEqual([]);
});

test("the first program over data is the one that a repair mends, not the look before it", async () => {
  const transcript = conversationIn(await playOne({ scenario: "csv-summary-real", mode: "code-execution", policy: "repair" }));
  const labels = Object.values(transcript?.labels ?? {}).slice(3);
  expect(labels).toEqual(["look-at-start.ts", "wrong summarise-sales.ts", "summarise-sales.ts"]);
});

describe("a code agent that cannot find out what it needs is a model-error", () => {
  const known = { server: "slack", tool: "get_channel_history" };
  test.each<[string, NeededTool, Partial<CellKey>, string]>([
    ["a tool that no server offers", { ...known, tool: "get_history" }, {}, "it needs the tool get_history of the server slack"],
    [
      "of a server that is not there",
      { ...known, server: "chat" },
      { policy: "thorough" },
      "of the server chat, which is not connected",
    ],
    [
      "a look that fails",
      { ...known, look: { channel: "C0" } },
      { outputSchemas: "none" },
      "look slack/get_channel_history failed: ",
    ],
  ])("%s", async (_, need, key, said) => {
    const scenario = { ...(await scenarioRegistry.load("slack-polling")), needs: () => [need] };
    const { record } = await playOne({ scenario: "slack-polling", mode: "code-execution", ...key }, { scenario });
    expect(record).toMatchObject({ status: "model-error", message: expect.stringContaining(said) });
  });
});

test("a program that an agent cannot edit is a model-error that names its file", async () => {
  const programs = pathToFileURL(join(await mkdtemp(join(tmpDir, "programs-")), "/"));
  const slack = await scenarioRegistry.load("slack-polling");
  const played = async (text: string, key: Partial<CellKey>) => {
    await writeFile(new URL(`${key.seed}.ts`, programs), text);
    const code: Scenario["code"] = function* () {
      return printedJson(yield { uses: [{ file: `${key.seed}.ts`, values: {} }] });
    };
    const changes = { scenario: { ...slack, programs, code } };
    return (await playOne({ scenario: "slack-polling", mode: "code-execution", ...key }, changes)).record;
  };
  expect(await played("console.log(;", { seed: 1, outputSchemas: "none" })).toMatchObject({
    ...{ status: "model-error", message: expect.stringContaining("cannot go on: 1.ts: Expression expected") },
  });
  expect(await played("console.log({});", { seed: 2, policy: "repair" })).toMatchObject({
    ...{ status: "model-error", message: expect.stringContaining("cannot go on: 2.ts: it imports no tool, so policy repair") },
  });
});

test("an interval beyond the cache's lifetime empties direct's cache", async () => {
  const read = async (intervalSeconds: number) => {
    const { record } = await playOne({ scenario: "slack-polling", params: { polls: 4, intervalSeconds } });
    return record.status === "passed" ? (record.ledgers[0]?.totals.coldCacheRead ?? 0) : -1;
  };
  expect(await read(301)).toBeLessThan((await read(5)) * 0.8);
});

test("--enforce-window ends a conversation that the window cannot hold", async () => {
  const profiles = {
    model: { ...defaultModelProfile, contextWindowTokens: 5_000 },
    others: [],
    speed: defaultSpeedProfile,
    toolLatency: defaultToolLatency,
  };
  const { record } = await playOne({ scenario: "sheet-filter" }, { profiles, enforceWindow: true });
  expect(record).toMatchObject({ status: "context-exceeded", turn: 1, windowTokens: 5_000 });
  const { record: playedOn } = await playOne({ scenario: "sheet-filter" }, { profiles });
  expect(playedOn).toMatchObject({ status: "passed", ledgers: [{ exceedsWindowAt: 1 }] });
});

test("a cell that takes too long is limit-exceeded, and one that the run's signal ends has no record", async () => {
  const limits = { memoryBytes: 2 ** 28, wallTimeMs: patientMs, outputBytes: 2 ** 20, cellTimeMs: 1 };
  const { record } = await playOne({ scenario: "csv-summary-real" }, { limits });
  expect(record).toMatchObject({ status: "limit-exceeded", limit: "cell-time" });
  await expect(playOne({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
});

test("a program that floods its output is limit-exceeded", async () => {
  const limits = { memoryBytes: 2 ** 28, wallTimeMs: patientMs, outputBytes: 8, cellTimeMs: patientMs };
  const { record } = await playOne({ scenario: "sheet-filter", mode: "code-execution" }, { limits });
  const message = "Limit output exceeded: the sandbox stopped a program. Raise it with --output-bytes, or mend the program.";
  expect(record).toMatchObject({ status: "limit-exceeded", limit: "output", message });
});

test("a verifier that fails makes the record failed, with the check's detail and without a time", async () => {
  const scenario = await scenarioRegistry.load("sheet-filter");
  const lying = { ...scenario, answer: () => '{"count":-1}' };
  const { record } = await playOne({ scenario: "sheet-filter" }, { scenario: lying });
  expect(record).toMatchObject({ status: "failed", checks: [{ passed: false }, { passed: true }] });
  expect(record).not.toHaveProperty("measured");
});

test("a cell that passes without what its mode is there for is void, and has no time", async () => {
  const mode = await modeRegistry.load("direct-tool-call");
  const { record } = await playOne({ scenario: "sheet-filter" }, { mode: { ...mode, treatment: "search" } });
  expect(record).toMatchObject({ status: "void", treatment: { uses: { call: expect.any(Number) } } });
  expect(record).not.toHaveProperty("measured");
});

test("a record says what was done with tools, and each conversation's own figures", async () => {
  const { record } = await playOne({ scenario: "drive-to-salesforce", mode: "code-execution", outputSchemas: "all" });
  if (record.status !== "passed") throw new Error(record.status);
  expect(record.treatment).toEqual({ uses: { discovery: 3, program: 1 }, callsFromPrograms: 2, definitionsFetched: 2 });
  const [context] = record.episodes[0]?.contexts ?? [];
  expect(context?.ledgers.map(({ totals }) => totals)).toEqual(record.ledgers.map(({ totals }) => totals));
  expect(context).toMatchObject({ agent: "main", turns: record.turns });
});
