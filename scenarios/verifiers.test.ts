/**
 * Every verifier passes on the right end state, and fails on each wrong one that a sloppy agent could leave. The last test
 * goes through the registry: of every scenario, each check was seen to fail.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Check, Json, Params, Task } from "../contract/index.ts";
import { channelHistory } from "../fixtures/channel.ts";
import { salesCsv } from "../fixtures/sales-csv.ts";
import { summarise } from "./csv-summary-real/summary.ts";
import { scenarioRegistry } from "./registry.ts";

/** Snapshots as plain, changeable data. */
// biome-ignore lint/suspicious/noExplicitAny: a test changes any part of a state that is typed elsewhere
type State = any;

let tmpDir = "";
beforeAll(async () => {
  tmpDir = await mkdtemp(join(tmpdir(), "verifiers-"));
});
afterAll(() => rm(tmpDir, { recursive: true, force: true }));

/** By scenario, how each end state was judged. */
const judged = new Map<string, readonly Check[][]>();

async function start(id: string, given: Params) {
  const scenario = await scenarioRegistry.load(id);
  const { task, servers } = await scenario.world(scenario.params.parse(given), 1, { tmpDir, nodePath: process.execPath });
  const before: Record<string, Json> = {};
  for (const server of servers) before[server.name] = structuredClone(await server.snapshot());
  await Promise.all(servers.map((server) => server.close()));
  const failing = (after: Record<string, Json>, answer: string) => {
    const checks = [...scenario.verify({ before, after, answer }, task)];
    judged.set(id, [...(judged.get(id) ?? []), checks]);
    return checks.filter((check) => !check.passed).map((check) => check.id);
  };
  return { before: before as State, task: task as Task<State>, failing };
}

describe("drive-to-salesforce", async () => {
  const { before, task, failing } = await start("drive-to-salesforce", { minutes: 1 });
  const { documentId, recordId } = task.facts as State;
  const right = structuredClone(before);
  Object.assign(right.salesforce.records.SalesMeeting[recordId], {
    Notes: before["google-drive"].documents[documentId],
    LastModifiedDate: "2026-01-01T00:00:00Z",
  });
  const answer = `Done.\n{"updated":"${recordId}"}`;
  const changed = (change: (state: State) => void) => {
    const state = structuredClone(right);
    change(state);
    return state;
  };

  test("passes on the right end state", () => expect(failing(right, answer)).toEqual([]));
  test.each<[string, (state: State) => void]>([
    [
      "one character of the notes is lost",
      (s) => (s.salesforce.records.SalesMeeting[recordId].Notes = s.salesforce.records.SalesMeeting[recordId].Notes.slice(0, -1)),
    ],
    ["another field of the record changed", (s) => (s.salesforce.records.SalesMeeting[recordId].Outcome = "Positive")],
    ["another record changed", (s) => (Object.values<State>(s.salesforce.records.Lead)[0].Status = "Closed")],
    ["a record was added", (s) => (s.salesforce.records.Task.x = { Id: "x" })],
    ["the document was trashed", (s) => (s["google-drive"].files[documentId].trashed = true)],
  ])("fails when %s", (_, change) => expect(failing(changed(change), answer)).toHaveLength(1));
  test("fails on an answer with another record or without JSON", () => {
    expect(failing(right, '{"updated":"a0X"}')).toEqual(["the answer's facts are right"]);
    expect(failing(right, "Done.")).toEqual(["the answer's facts are right"]);
  });
  test("fails when nothing was done", () => expect(failing(before, answer)).toHaveLength(1));
});

describe("sheet-filter", async () => {
  const { before, failing } = await start("sheet-filter", { rows: 300 });
  const [header, ...rows]: string[][] = Object.values<State>(before["google-drive"].spreadsheets).find(
    (tabs) => tabs[0].rows.length === 301,
  )[0].rows;
  const pending = rows.filter((row) => row[header?.indexOf("Status") ?? -1] === "pending").map((row) => row[0]);
  const facts = { count: pending.length, firstFive: pending.slice(0, 5) };

  test("passes on the right end state", () => expect(failing(before, JSON.stringify(facts))).toEqual([]));
  test.each([
    ["the count is off by one", { ...facts, count: facts.count + 1 }],
    ["an order is missing", { ...facts, firstFive: facts.firstFive.slice(1) }],
    ["the orders stand in another order", { ...facts, firstFive: facts.firstFive.toReversed() }],
    ["the answer says more than was asked", { ...facts, total: 300 }],
  ])("fails when %s", (_, answer) => expect(failing(before, JSON.stringify(answer))).toEqual(["the answer's facts are right"]));
  test("fails when the sheet was changed", () => {
    const after = structuredClone(before);
    after["google-drive"].spreadsheets = {};
    expect(failing(after, JSON.stringify(facts))).toEqual(["google-drive is untouched"]);
  });
});

describe("slack-polling", async () => {
  const { before, task, failing } = await start("slack-polling", { polls: 3 });
  const channel = String((task.facts as State).channel);
  const { awaited } = channelHistory(1);
  const answer = JSON.stringify({ ts: awaited.ts, user: awaited.user });
  const polled = (polls: number) => {
    const after = structuredClone(before);
    after.slack.polls[channel] = polls;
    after.slack.messages[channel].push(structuredClone(awaited));
    return after;
  };

  test("passes on the right end state", () => expect(failing(polled(3), answer)).toEqual([]));
  test("fails when the channel was read once too often or too little", () => {
    expect(failing(polled(4), answer)).toHaveLength(1);
    expect(failing(polled(2), answer)).toHaveLength(1);
  });
  test("passes when the clock slept through both pauses, and fails when it slept longer", () => {
    const slept = (sleptSeconds: number) => ({ ...polled(3), clock: { sleptSeconds } });
    expect(failing(slept(10), answer)).toEqual([]);
    expect(failing(slept(15), answer)).toEqual(["the clock slept exactly through the pauses, or not at all"]);
  });
  test("fails when something was posted", () => {
    const after = polled(3);
    after.slack.messages[channel].push({ ...awaited, ts: "1763999999.000100", text: "Thanks!" });
    expect(failing(after, answer)).toHaveLength(1);
  });
  test("fails on another message", () =>
    expect(failing(polled(3), JSON.stringify({ ts: "1.0", user: awaited.user }))).toHaveLength(1));
});

describe("csv-summary-real", async () => {
  const { before, failing } = await start("csv-summary-real", { kilobytes: 2 });
  const csv = salesCsv({ kilobytes: 2, seed: 1 });
  const lines = csv.trim().split("\n");

  test("passes on the right end state", () => expect(failing(before, JSON.stringify(summarise(csv)))).toEqual([]));
  test("fails on wrong figures and on a changed folder", () => {
    const wrong = JSON.stringify({ rows: lines.length, units: 0, bestRegion: "" });
    expect(failing(before, wrong)).toEqual(["the answer's facts are right"]);
    expect(failing({ filesystem: { ...before.filesystem, "new.txt": "0" } }, wrong)).toHaveLength(2);
  });
});

test.each(scenarioRegistry.ids)("%s: its checks all pass on one end state, and each fails on another", (id) => {
  const ends = judged.get(id) ?? [];
  const fix = `give ${id} a right end state and wrong ones in scenarios/verifiers.test.ts`;
  expect(
    ends.some((checks) => checks.length > 0 && checks.every(({ passed }) => passed)),
    fix,
  ).toBe(true);
  const failed = new Set(ends.flatMap((checks) => checks.filter(({ passed }) => !passed).map((check) => check.id)));
  expect(
    ends[0]?.map((check) => check.id).filter((check) => !failed.has(check)),
    fix,
  ).toEqual([]);
});
