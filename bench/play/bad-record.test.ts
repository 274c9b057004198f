/** What a cell measured may rest on the word of a backend, a mode or a guest. What cannot be true is that cell's failure, and no more. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Activity, type Mode, registry, type Sandbox, type SandboxFactory, type Scenario } from "../../contract/index.ts";
import { reporterRegistry } from "../../reports/registry.ts";
import { quickjsInprocess } from "../../sandboxes/backends/quickjs-inprocess/sandbox.ts";
import { scenarioRegistry } from "../../scenarios/registry.ts";
import { cellPlayer } from "../../testing/cells.ts";
import { createHost } from "../host.ts";
import { readRecords } from "../records/read-records.ts";
import { registries } from "../registries.ts";
import { playRun } from "../run/run.ts";
import { runConfig } from "../run/settings.ts";
import { modeRegistry } from "./modes/registry.ts";

const tmpDir = await mkdtemp(join(tmpdir(), "bad-record-"));
const { playOne, dispose } = cellPlayer(tmpDir);
const made: Sandbox[] = [];
afterAll(async () => {
  await dispose();
  await Promise.all(made.map((sandbox) => sandbox.dispose()));
  await rm(tmpDir, { recursive: true, force: true });
});

/** A backend that plays every program, and says something else of what it did. */
const lying =
  (said: (activity: Activity, run: number) => Partial<Activity>): SandboxFactory =>
  (host) => {
    const sandbox = quickjsInprocess(host);
    made.push(sandbox);
    const open: Sandbox["open"] = async (options) => {
      const session = await sandbox.open(options);
      let runs = 0;
      return {
        ...session,
        async run(program, limits) {
          const outcome = await session.run(program, limits);
          return { ...outcome, activity: { ...outcome.activity, ...said(outcome.activity, runs++) } };
        },
      };
    };
    return { ...sandbox, id: "lying", open };
  };

const host = { env: {}, platform: process.platform, now: () => performance.now(), tmpDir, nodePath: process.execPath };
const ofProgram = async (said: Partial<Activity>) => {
  const sandbox = lying(() => said)(host);
  return (await playOne({ mode: "code-execution", sandbox: "quickjs-inprocess" }, { sandbox })).record;
};

test.each<[Partial<Activity>, string]>([
  [{ callWaves: Number.POSITIVE_INFINITY }, "callWaves Infinity"],
  [{ callWaves: -50 }, "callWaves -50"],
  [{ callWaves: Number.NaN }, "callWaves NaN"],
  [{ callWaves: 0.5 }, "callWaves 0.5"],
  [{ callWaves: 1e300 }, "callWaves 1e+300"],
  [{ callWaves: "3" as unknown as number }, "callWaves 3"],
  [{ virtualWaitMs: Number.NaN }, "waitSeconds NaN"],
  [{ virtualWaitMs: Number.NEGATIVE_INFINITY }, "waitSeconds -Infinity"],
  [{ virtualWaitMs: -50 }, "waitSeconds -0.05"],
])("a program of which its backend says %j fails its cell, which says so", async (said, problem) => {
  const record = await ofProgram(said);
  expect(record).toMatchObject({ status: "harness-error", code: "BAD_RECORD" });
  expect("message" in record && record.message).toContain(`cannot be kept: a tool use has ${problem}. Mend the part`);
});

test("a negative figure that others make up for is still seen", async () => {
  const sandbox = lying(({ callWaves }, run) => ({ callWaves: callWaves + (run === 0 ? -50 : 50) }))(host);
  const { record } = await playOne({ mode: "code-execution", sandbox: "quickjs-inprocess" }, { sandbox });
  expect(record).toMatchObject({ status: "harness-error", code: "BAD_RECORD" });
});

test("figures that only their sum makes too large, and a verifier's detail that is no text, are named by their place", async () => {
  const endless = lying(() => ({ virtualWaitMs: Number.MAX_VALUE }))(host);
  const { record } = await playOne({ mode: "code-execution", sandbox: "quickjs-inprocess" }, { sandbox: endless });
  expect(record).toMatchObject({
    ...{ status: "harness-error", code: "BAD_RECORD" },
    message: expect.stringMatching(/cannot be kept: (activity\.virtualWaitMs|modelled\.\S+): .+\. Mend the part/),
  });
  const sheet = await scenarioRegistry.load("sheet-filter");
  const vague = { ...sheet, verify: () => [{ id: "x", passed: true, detail: { of: 1n } as unknown as string }] } as Scenario;
  expect((await playOne({}, { scenario: vague })).record).toMatchObject({
    message: expect.stringContaining("cannot be kept: checks.0.detail: Invalid input: expected string"),
  });
});

test("a mode's own figures are held to the same", async () => {
  const direct = await modeRegistry.load("direct-tool-call");
  const mode: Mode = {
    ...direct,
    async start(options) {
      const session = await direct.start(options);
      const execute: typeof session.execute = async (uses, signal) =>
        (await session.execute(uses, signal)).map((outcome) => ({ ...outcome, sandboxRunMs: Number.NaN }));
      return { ...session, execute };
    },
  };
  expect((await playOne({}, { mode })).record).toMatchObject({
    message: expect.stringContaining("cannot be kept: a tool use has sandboxRunMs NaN."),
  });
});

test("the run goes on: every other cell is kept, every record can be read back, and every report is written", async () => {
  const sandboxes = registry("sandbox", { lying: async () => lying(() => ({ callWaves: Number.POSITIVE_INFINITY })) }, ["lying"]);
  const given = await createHost({ tmpDir });
  const outDir = join(tmpDir, "run");
  const config = runConfig({
    ...{ scenarios: ["slack-polling"], params: ["polls=2"], tools: [null], seeds: 2, sandboxes: ["lying"] },
    ...{ bounds: false, controls: false, counters: ["o200k_base"] },
  });
  const { run, playedCells, interrupted } = await playRun({
    ...{ config, outDir, onEvent: () => undefined },
    host: { ...given, registries: { ...registries, sandboxes } },
  });
  const { records, notes } = await readRecords(outDir);
  expect({ playedCells, interrupted, notes }).toEqual({ playedCells: 4, interrupted: false, notes: [] });
  expect(records.map(({ key, status }) => `${key.mode} ${status}`).toSorted()).toEqual([
    ...Array(2).fill("code-execution harness-error"),
    ...Array(2).fill("direct-tool-call passed"),
  ]);
  for (const id of reporterRegistry.ids) {
    const reporter = await reporterRegistry.load(id);
    expect(reporter.render(run, records, { columns: 80, colours: false, notes: [] })).not.toBe("");
  }
});
