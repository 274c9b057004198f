import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { BenchedBackend, BenchedExecutor, BenchInfo, Job, Sample } from "../../contract/sandbox-measurement.ts";
import { summariseBench } from "../../reports/sandboxes/summarise.ts";
import { pooled } from "../../sandboxes/host/pooled.ts";
import { type FakeExecutorOptions, fakeExecutor } from "../../testing/fake-executor.ts";
import { type FakeSandboxOptions, fakeSandbox, playByHand } from "../../testing/fake-sandbox.ts";
import { benchSandboxes, type Measurable, SAMPLES_FILE } from "./measure.ts";
import { planJobs } from "./plan.ts";

const folder = mkdtempSync(join(tmpdir(), "sandbox-bench-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config: BenchInfo["config"] = {
  samples: 10,
  pool: null,
  sessions: [1, 8, 32],
  orderSeed: 1,
  memoryBytes: 2 ** 26,
  egress: false,
};
const benched = (id: string, own: Partial<BenchedBackend> = {}): BenchedBackend => ({
  kind: "backend",
  id,
  title: id,
  version: "1",
  configuration: "0123456789ab",
  isolation: "process",
  control: false,
  language: "javascript",
  bridgeTransport: "none",
  emulates: null,
  maxSessions: 8,
  stopsBusyLoop: true,
  ...own,
});
const benchedExecutor = (id: string): BenchedExecutor => ({
  kind: "executor",
  ...{ id, title: id, version: "1", configuration: "as its authors ship it" },
});
const kindsOf = (jobs: readonly Job[], id: string) => jobs.filter(({ sandbox }) => sandbox === id).map(({ kind }) => kind);

describe("the plan", () => {
  test("the same seed gives the same order, and another seed another one", () => {
    const sandboxes = [benched("a"), benched("b")];
    expect(planJobs(sandboxes, config)).toEqual(planJobs(sandboxes, config));
    expect(planJobs(sandboxes, config)).not.toEqual(planJobs(sandboxes, { ...config, orderSeed: 2 }));
  });

  test("first opens come first, and then backends alternate", () => {
    const jobs = planJobs([benched("a"), benched("b")], config);
    expect(jobs.slice(0, 2).map(({ kind }) => kind)).toEqual(["first-open", "first-open"]);
    const changes = jobs.slice(3).filter(({ sandbox }, i) => sandbox !== jobs[i + 2]?.sandbox).length;
    expect(changes).toBeGreaterThan(jobs.length / 4);
  });

  test("executors stand among backends: first executions with the first opens, then in the same shuffled order", () => {
    const jobs = planJobs([benched("a"), benched("b"), benchedExecutor("p")], config);
    expect(new Set(jobs.slice(0, 3).map(({ kind }) => kind))).toEqual(new Set(["first-open", "first-execution"]));
    expect(kindsOf(jobs, "p").filter((kind) => kind === "execution")).toHaveLength(config.samples);
    const rest = jobs.slice(3).map(({ sandbox }) => sandbox);
    const half = Math.floor(rest.length / 2);
    expect(rest.slice(0, half)).toContain("p");
    expect(rest.slice(half)).toContain("p");
    const without = planJobs([benched("a"), benched("b")], config);
    expect(jobs.filter(({ sandbox }) => sandbox === "p")).toHaveLength(jobs.length - without.length);
    expect(new Set(kindsOf(jobs, "p"))).toEqual(new Set(["first-execution", "execution", "round-trip"]));
  });

  test("no load is above what a backend declares, and a loop that nothing stops is not begun", () => {
    const jobs = planJobs([benched("a"), benched("b", { maxSessions: 32, stopsBusyLoop: false })], config);
    const loads = (id: string) => new Set(jobs.filter((job) => job.sandbox === id).map(({ sessions }) => sessions));
    expect(loads("a")).toEqual(new Set([null, 1, 8]));
    expect(loads("b")).toEqual(new Set([null, 1, 8, 32]));
    expect(kindsOf(jobs, "a")).toContain("stop");
    expect(kindsOf(jobs, "b")).not.toContain("stop");
  });

  test("a pool is measured only when asked for, and the floor has no leak to look for", () => {
    const sandboxes = [benched("a"), benched("null")];
    expect(kindsOf(planJobs(sandboxes, config), "a")).not.toContain("pooled-start");
    const jobs = planJobs(sandboxes, { ...config, pool: 2 });
    expect(kindsOf(jobs, "a")).toEqual(expect.arrayContaining(["pooled-start", "pool-leak"]));
    expect(kindsOf(jobs, "null")).not.toContain("pool-leak");
  });
});

let folders = 0;
async function bench(
  own: FakeSandboxOptions,
  changed: Partial<BenchInfo["config"]> = {},
  signal = new AbortController().signal,
  ownExecutors: readonly FakeExecutorOptions[] = [],
) {
  const sandbox = fakeSandbox(own);
  const executors = ownExecutors.map(fakeExecutor);
  const used = { ...config, samples: 5, sessions: [1, 8], ...changed };
  const outDir = join(folder, String(folders++));
  const pool = used.pool === null ? null : pooled(sandbox, used.pool);
  let clockMs = 0;
  const { info, samples } = await benchSandboxes({
    info: {
      schemaVersion: 2,
      id: "test",
      startedAt: "2025-11-21T09:30:00.000Z",
      config: used,
      sandboxes: [benched(sandbox.id, { stopsBusyLoop: false }), ...executors.map(({ id }) => benchedExecutor(id))],
      unavailable: [],
      environment: {},
    },
    sandboxes: new Map<string, Measurable>([
      [sandbox.id, { kind: "backend", sandbox, pool, language: "javascript" }],
      ...executors.map((executor) => [executor.id, { kind: "executor", executor }] as const),
    ]),
    outDir,
    now: () => clockMs++,
    signal,
    onPlan: () => undefined,
    onSample: () => undefined,
  });
  await pool?.empty();
  const lines = readFileSync(join(outDir, SAMPLES_FILE), "utf8").trimEnd().split("\n");
  return { sandbox, outDir, summary: summariseBench(info, samples), lines, samples };
}

describe("measuring", () => {
  test("every job is a line of the file, and every session is closed", async () => {
    const { summary, lines, samples, sandbox } = await bench({});
    expect(summary.problems).toEqual([]);
    expect(lines.map((line) => JSON.parse(line))).toEqual(samples);
    expect(summary.jobs).toEqual({ planned: samples.length, done: samples.length });
    expect(sandbox.sessions.filter(({ closed }) => !closed)).toEqual([]);
    const [about] = summary.sandboxes;
    const trips = about?.figures.find(({ id }) => id === "roundTripMs");
    expect(trips?.tails?.n).toBe(1_000);
    expect(about?.figures.find(({ id }) => id === "residentBytes")?.tails?.median.value).toBe(1_000_000);
  });

  test("a program that shows something else is a failure without a time, and three in a row end its kind", async () => {
    const { summary, samples } = await bench({
      play: (program, options) => (program.source.includes("log(2)") ? "3" : playByHand(program, options)),
    });
    const cold = summary.sandboxes[0]?.figures.find(({ id }) => id === "coldStartMs");
    expect(cold).toMatchObject({ tails: null, failed: 3, givenUp: 2 });
    expect(samples.filter(({ job }) => job.kind === "load").every(({ status }) => status === "measured")).toBe(true);
    expect(summary.problems.map(({ kind, jobs, message }) => [kind, jobs, message])).toContainEqual([
      "session",
      3,
      'the program ended as returned and showed "3" where "2" was due',
    ]);
  });

  test("one session that does not open fails its whole load, and the others are closed", async () => {
    let loads = 0;
    const { summary, sandbox } = await bench(
      {
        async beforeOpen() {
          loads++;
          if (loads % 8 === 3) throw new Error("no room");
        },
      },
      { samples: 1, sessions: [8] },
    );
    expect(summary.problems.map(({ message }) => message).join()).toContain("of 8 sessions did not open: no room");
    expect(sandbox.sessions.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(7);
  });

  test("calls that do not all arrive are a failure", async () => {
    const { summary } = await bench({ play: ({ source }) => (source.includes("right") ? "1001" : "2") }, { sessions: [] });
    expect(summary.problems).toEqual([
      { sandbox: "fake", kind: "round-trip", sessions: null, jobs: 1, message: "0 of 1001 calls arrived" },
    ]);
  });

  test("an interrupt keeps what was measured", async () => {
    const stop = new AbortController();
    const { summary, lines } = await bench(
      {
        beforeOpen: async (session) => {
          if (session === 3) stop.abort();
        },
      },
      {},
      stop.signal,
    );
    expect(lines).toHaveLength(4);
    expect(summary.jobs.done).toBe(4);
    expect(summary.jobs.planned).toBeGreaterThan(4);
  });

  test("a folder that holds a bench is not written again", async () => {
    const { outDir } = await bench({}, { samples: 1 });
    folders = Number(outDir.split(/[\\/]/).at(-1));
    await expect(bench({}, { samples: 1 })).rejects.toThrow(/holds a bench already/);
  });
});

describe("measuring executors of other projects", () => {
  const measured = (own: FakeExecutorOptions, samples = 5) => bench({}, { samples, sessions: [] }, undefined, [own]);

  test("whole executions and a thousand calls, kept raw, beside the backends, and no other figure", async () => {
    const { summary, samples } = await measured({});
    expect(summary.problems).toEqual([]);
    expect(summary.sandboxes.map(({ sandbox }) => sandbox.id)).toEqual(["fake", "fake-executor"]);
    const [, found] = summary.sandboxes;
    expect(found?.figures.map(({ id, unit, tails }) => [id, unit, tails?.n, tails?.clusters])).toEqual([
      ["firstExecutionMs", "ms", 1, 1],
      ["executionMs", "ms", 5, 5],
      ["roundTripMs", "ms", 1_000, 1],
    ]);
    const raw = samples.find(({ job }) => job.kind === "round-trip" && job.sandbox === "fake-executor");
    expect(raw?.status === "measured" ? raw.measured.roundTripMs : null).toHaveLength(1_000);
  });

  test("a wrong result is a failure without a time, and three in a row end its kind", async () => {
    const { summary } = await measured({ play: () => 3 });
    const [, found] = summary.sandboxes;
    expect(found?.figures[1]).toMatchObject({ id: "executionMs", tails: null, failed: 3, givenUp: 2 });
    expect(summary.problems.map(({ sandbox, kind, jobs, message }) => [sandbox, kind, jobs, message])).toContainEqual([
      ...["fake-executor", "execution", 3],
      'the execution ended as {"status":"returned","result":3,"output":""} where the result 2 was due',
    ]);
    const backend = summary.sandboxes[0]?.figures.find(({ id }) => id === "coldStartMs");
    expect(backend).toMatchObject({ failed: 0, givenUp: 0 });
  });

  test("calls that do not all arrive are a failure, whatever the program says", async () => {
    const { summary } = await measured({ play: ({ program }) => (program.includes("right") ? 1_001 : 2) });
    expect(summary.problems.map(({ kind, message }) => [kind, message])).toEqual([["round-trip", "0 of 1001 calls arrived"]]);
  });

  test("an executor that cannot start fails its jobs and no others", async () => {
    const execute = async () => {
      throw new Error("no binary");
    };
    const { summary } = await measured({ execute }, 1);
    expect(summary.problems.map(({ sandbox, message }) => [sandbox, message])).toEqual(
      Array.from({ length: 3 }, () => ["fake-executor", "no binary"]),
    );
  });
});

describe("the pool's proof", () => {
  const places = () => {
    const shared = new Map<string, string>();
    return (leaks: boolean, sees: boolean): FakeSandboxOptions => ({
      persists: { files: true, globals: [] },
      play(program, options, session) {
        const planted = /writeFile\("planted\/token.txt", "(\w+)"\)/.exec(program.source)?.[1];
        if (planted === undefined && !program.source.includes("planted")) return playByHand(program, options);
        const place = leaks ? "shared" : String(session);
        if (planted !== undefined) shared.set(place, planted);
        return sees ? (shared.get(place) ?? "undefined") : "undefined";
      },
    });
  };

  test("nothing that one user planted is seen by the next", async () => {
    const { summary } = await bench(places()(false, true), { pool: 2 });
    expect(summary.sandboxes[0]?.pool).toMatchObject({ looked: 2, found: 0, failed: 0 });
  });

  test("a backend that shares a place between sessions is found out", async () => {
    const { summary } = await bench(places()(true, true), { pool: 2 });
    expect(summary.sandboxes[0]?.pool).toMatchObject({ looked: 2, found: 2 });
  });

  test("where not even the planter sees its token, nothing is proved", async () => {
    const { summary } = await bench(places()(true, false), { pool: 2 });
    expect(summary.sandboxes[0]?.pool).toMatchObject({ looked: 0, found: 0, failed: 2 });
  });
});

describe("the summary", () => {
  const sample = (order: number, kind: Job["kind"], measured: { readonly [id: string]: readonly number[] }): Sample => ({
    schemaVersion: 2,
    order,
    job: { sandbox: "a", kind, sessions: null },
    status: "measured",
    measured,
  });
  const summarised = (samples: readonly Sample[], pool: number | null = null) =>
    summariseBench(
      {
        schemaVersion: 2,
        id: "test",
        startedAt: "2025-11-21T09:30:00.000Z",
        config: { ...config, pool },
        jobs: samples.length,
        sandboxes: [benched("a")],
        unavailable: [],
        environment: {},
      },
      samples,
    ).sandboxes[0];

  test("p95 and p99 are given from 100 samples on, and no interval under six sessions", () => {
    const of = (sessions: number, calls: number) =>
      summarised(
        Array.from({ length: sessions }, (_, i) =>
          sample(i, "round-trip", { roundTripMs: Array.from({ length: calls }, (_, n) => n) }),
        ),
      )?.figures.find(({ id }) => id === "roundTripMs")?.tails;
    expect(of(1, 99)).toMatchObject({ n: 99, clusters: 1, p95: null, p99: null, median: { interval: null } });
    expect(of(5, 20)).toMatchObject({ n: 100, clusters: 5, p95: { interval: null } });
    expect(of(6, 17)?.median.interval).not.toBeNull();
  });

  test("cold against pooled is the ratio of the medians", () => {
    const samples = [1, 2, 3].flatMap((n) => [
      sample(n, "session", { coldStartMs: [100 * n] }),
      sample(n, "pooled-start", { pooledStartMs: [10 * n] }),
    ]);
    expect(summarised(samples, 4)?.pool?.timesFaster).toBe(10);
  });
});
