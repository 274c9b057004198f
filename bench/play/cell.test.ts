/** Whole cells: every variant of every scenario in every mode, played for real. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import {
  type Bridge,
  type CellKey,
  type Mode,
  type NeededTool,
  outputSchemaChoices,
  type Params,
  policies,
  type Scenario,
  type ToolOutcome,
} from "../../contract/index.ts";
import { defaultModelProfile, defaultSpeedProfile, defaultToolLatency } from "../../fixtures/profiles.ts";
import { scenarioRegistry } from "../../scenarios/registry.ts";
import { printedJson } from "../../scenarios/results.ts";
import { cellPlayer, smallWorld } from "../../testing/cells.ts";
import { patientMs } from "../../testing/patience.ts";
import { conversationIn, hashesOf } from "../../testing/records.ts";
import { modelRegistry } from "./models/registry.ts";
import { modeRegistry } from "./modes/registry.ts";

const tmpDir = await mkdtemp(join(tmpdir(), "cells-"));
const { playOne, dispose } = cellPlayer(tmpDir);
afterAll(async () => {
  await dispose();
  await rm(tmpDir, { recursive: true, force: true });
});

/** Every mode in every way that it declares, and a code mode on a process too. */
async function waysOf(id: string): Promise<readonly Partial<CellKey>[]> {
  const mode = await modeRegistry.load(id);
  return [
    { mode: id },
    ...mode.policies.slice(1).map((policy) => ({ mode: id, policy })),
    ...(mode.showsOutputSchemas ? outputSchemaChoices.slice(1).map((outputSchemas) => ({ mode: id, outputSchemas })) : []),
    ...(mode.sandbox?.languages.includes("javascript") ? [{ mode: id, sandbox: "subprocess" }] : []),
  ];
}

const ways = (await Promise.all(modeRegistry.ids.map(waysOf))).flat();
const scenarios = await Promise.all(scenarioRegistry.ids.map((id) => scenarioRegistry.load(id)));
const worlds: readonly { readonly scenario: string; readonly params: Params }[] = [
  ...scenarios.flatMap((one) => one.variants.map((variant) => ({ scenario: one.id, params: smallWorld(one, variant) }))),
  // Nothing to wait for.
  { scenario: "slack-polling", params: { polls: 1 } },
];

describe.each(worlds)("$scenario $params", ({ scenario, params }) => {
  test.each(ways)("passes in $mode $policy $outputSchemas $sandbox, which has tried the mode", async (key) => {
    const { codeReturning } = await scenarioRegistry.load(scenario);
    const outcomes: ToolOutcome[] = [];
    const mode = await modeRegistry.load(key.mode ?? "");
    const { record } = await playOne({ scenario, params, ...key }, { mode: watched(mode, outcomes) });
    const means = key.policy === "return-and-ask" && codeReturning === undefined;
    expect(record).toMatchObject({ status: means ? "model-error" : "passed" });
    if (!means) expect(outcomes.map(({ kind }) => kind)).toContain(mode.treatment);
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
    for (const mode of modeRegistry.defaults) {
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

/** The mode, with every outcome kept. */
function watched(mode: Mode, outcomes: ToolOutcome[]): Mode {
  return {
    ...mode,
    async start(options) {
      const session = await mode.start(options);
      return {
        ...session,
        async execute(uses, signal) {
          const made = await session.execute(uses, signal);
          outcomes.push(...made);
          return made;
        },
      };
    },
  };
}

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

test.each(modelRegistry.ids)("the model %s plays a cell", async (model) => {
  expect((await playOne({ model })).record).toMatchObject({ status: "passed", key: { model } });
});

test("a sheet of 66,000 rows in one page is no more than its rows, in either mode", async () => {
  for (const mode of modeRegistry.defaults) {
    const { record } = await playOne({ scenario: "sheet-filter", mode, params: { rows: 66_000, pageRows: 0 } });
    expect(record).toMatchObject({ status: "passed" });
  }
});

test("discovery runs are discovery, the run that calls tools is code, and what each fetched and called is counted", async () => {
  const outcomes: ToolOutcome[] = [];
  const mode = watched(await modeRegistry.load("code-execution"), outcomes);
  const key = { scenario: "slack-polling", mode: "code-execution", outputSchemas: "all", policy: "readme" } as const;
  const transcript = conversationIn(await playOne({ ...key, params: { polls: 4 } }, { mode }));
  const uses = transcript?.messages.flatMap(({ content }, m) =>
    content.flatMap((block, b) => (block.type === "tool_use" ? [transcript.causes[m]?.[b]] : [])),
  );
  expect(uses).toEqual(["discovery", "discovery", "discovery", "code"]);
  const counted = outcomes.map(({ kind, definitionsFetched, callsFromPrograms }) => [
    kind,
    definitionsFetched,
    callsFromPrograms,
  ]);
  expect(counted).toEqual([
    ["discovery", 0, 0],
    ["discovery", 0, 0],
    ["discovery", 1, 0],
    ["program", 0, 4],
  ]);
});

test("calls that go out together are one wait of modelled time, in either mode", async () => {
  for (const mode of modeRegistry.defaults) {
    const params = { rows: 20, pageRows: 1 };
    const { record } = await playOne({ scenario: "sheet-filter", mode, outputSchemas: "all", params });
    expect(record).toMatchObject({ status: "passed", activity: { calls: 20, callWaves: 2 }, modelled: { toolWaits: 2 } });
  }
});

test("waits are virtual: modelled, not waited for", async () => {
  for (const mode of modeRegistry.defaults) {
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
    for (const mode of modeRegistry.defaults) {
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
