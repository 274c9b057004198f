/** Whole cells: every scenario in every mode on every sandbox that this issue brings, played for real. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultModelProfile, defaultSpeedProfile, defaultToolLatency } from "../fixtures/profiles.ts";
import { sandboxRegistry } from "../sandboxes/registry.ts";
import { scenarioRegistry } from "../scenarios/registry.ts";
import { type CellSetting, playCell } from "./cell.ts";
import { loadCounter } from "./counters/registry.ts";
import { modeRegistry } from "./modes/registry.ts";
import type { CellKey, Params, Sandbox } from "./types/index.ts";

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
  for (const id of ["quickjs", "subprocess"]) sandboxes.set(id, (await sandboxRegistry.load(id))(host));
});
afterAll(async () => {
  await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.dispose()));
  await rm(tmpDir, { recursive: true, force: true });
});

async function playOne(key: Partial<CellKey>, changes: Partial<CellSetting> = {}) {
  const scenario = await scenarioRegistry.load(key.scenario ?? "sheet-filter");
  const mode = await modeRegistry.load(key.mode ?? "direct-tool-call");
  const sandboxId = mode.usesSandbox ? (key.sandbox ?? "quickjs") : null;
  const sandbox = sandboxId === null ? undefined : sandboxes.get(sandboxId);
  const whole: CellKey = {
    scenario: scenario.id,
    mode: mode.id,
    sandbox: sandboxId,
    model: "scripted",
    discovery: "minimal",
    tools: null,
    seed: 1,
    repetition: 0,
    ...key,
    params: scenario.params.parse(key.params ?? small[scenario.id]?.[0] ?? {}),
  };
  return playCell(whole, {
    scenario,
    mode,
    ...(sandbox === undefined ? {} : { sandbox }),
    firstOpen: false,
    extraServers: [],
    counters: [await loadCounter("o200k_base")],
    serialisations: ["json"],
    profiles: { model: defaultModelProfile, speed: defaultSpeedProfile, toolLatency: defaultToolLatency },
    limits: { memoryBytes: 256 * 2 ** 20, wallTimeMs: 30_000, outputBytes: 2 ** 20, cellTimeMs: 60_000 },
    enforceWindow: false,
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
    { mode: "code-execution", sandbox: "quickjs" },
    { mode: "code-execution", sandbox: "quickjs", discovery: "thorough" as const },
    { mode: "code-execution", sandbox: "subprocess" },
    { mode: "code-execution-echo", sandbox: "quickjs" },
  ])("passes in $mode $sandbox $discovery", async (key) => {
    const { record } = await playOne({ scenario, params, ...key });
    expect(record).toMatchObject({ status: "passed" });
  });

  test("has the same transcript on every sandbox and in every play", async () => {
    const hashes = [];
    for (const sandbox of ["quickjs", "subprocess", "quickjs"]) {
      const { record } = await playOne({ scenario, params, mode: "code-execution", sandbox });
      hashes.push(record.status === "passed" ? record.transcriptSha256 : record.status);
    }
    expect(new Set(hashes).size).toBe(1);
  });

  test("issues no two tool uses in one turn, so no order of completion can change its end state", async () => {
    for (const mode of ["direct-tool-call", "code-execution"]) {
      const { transcript } = await playOne({ scenario, params, mode });
      for (const { content } of transcript?.messages ?? []) {
        expect(content.filter((block) => block.type === "tool_use").length).toBeLessThan(2);
      }
    }
  });
});

test("discovery runs are discovery, the run that calls tools is code", async () => {
  const { transcript } = await playOne({ scenario: "slack-polling", mode: "code-execution" });
  const uses = transcript?.messages.flatMap(({ content }, m) =>
    content.flatMap((block, b) => (block.type === "tool_use" ? [transcript.causes[m]?.[b]] : [])),
  );
  expect(uses).toEqual(["discovery", "discovery", "discovery", "code"]);
});

test("waits are virtual: modelled, not waited for", async () => {
  for (const mode of ["direct-tool-call", "code-execution"]) {
    const { record } = await playOne({ scenario: "slack-polling", mode, params: { polls: 4, intervalSeconds: 3600 } });
    expect(record).toMatchObject({ status: "passed", modelled: { waitSeconds: 3 * 3600 } });
  }
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
    speed: defaultSpeedProfile,
    toolLatency: defaultToolLatency,
  };
  const { record } = await playOne({ scenario: "sheet-filter" }, { profiles, enforceWindow: true });
  expect(record).toMatchObject({ status: "context-exceeded", turn: 1, windowTokens: 5_000 });
  const { record: playedOn } = await playOne({ scenario: "sheet-filter" }, { profiles });
  expect(playedOn).toMatchObject({ status: "passed", ledgers: [{ exceedsWindowAt: 1 }] });
});

test("a cell that takes too long is limit-exceeded, and one that the run's signal ends has no record", async () => {
  const limits = { memoryBytes: 2 ** 28, wallTimeMs: 30_000, outputBytes: 2 ** 20, cellTimeMs: 1 };
  const { record } = await playOne({ scenario: "csv-summary-real" }, { limits });
  expect(record).toMatchObject({ status: "limit-exceeded", limit: "cell-time" });
  await expect(playOne({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
});

test("a program that floods its output is limit-exceeded", async () => {
  const limits = { memoryBytes: 2 ** 28, wallTimeMs: 30_000, outputBytes: 8, cellTimeMs: 60_000 };
  const { record } = await playOne({ scenario: "sheet-filter", mode: "code-execution" }, { limits });
  expect(record).toMatchObject({ status: "limit-exceeded", limit: "output" });
});

test("a verifier that fails makes the record failed, with the check's detail and without a time", async () => {
  const scenario = await scenarioRegistry.load("sheet-filter");
  const lying = { ...scenario, answer: () => '{"count":-1}' };
  const { record } = await playOne({ scenario: "sheet-filter" }, { scenario: lying });
  expect(record).toMatchObject({ status: "failed", checks: [{ passed: false }, { passed: true }] });
  expect(record).not.toHaveProperty("measured");
});
