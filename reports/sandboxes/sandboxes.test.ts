import { describe, expect, test } from "vitest";
import {
  type BenchedBackend,
  type BenchedExecutor,
  type BenchInfo,
  SAMPLE_SCHEMA_VERSION,
  type Sample,
} from "../../contract/sandbox-measurement.ts";
import { expectHarmless, formulaTexts, hostileText } from "../../testing/harmless.ts";
import { benchReporterRegistry } from "./registry.ts";
import { summariseBench } from "./summarise.ts";

const sandbox = (id: string, own: Partial<BenchedBackend> = {}): BenchedBackend => ({
  kind: "backend",
  ...{ id, title: id, version: "engine 1.2", configuration: "0123456789ab", isolation: "process", control: false },
  ...{ language: "javascript", bridgeTransport: "a pipe", emulates: null, maxSessions: 8, stopsBusyLoop: true },
  ...own,
});
const executor = (id: string, version: string): BenchedExecutor => ({
  kind: "executor",
  ...{ id, title: id, version, configuration: "as its authors ship it" },
});
const info: BenchInfo = {
  schemaVersion: SAMPLE_SCHEMA_VERSION,
  id: "20251121-093000",
  startedAt: "2025-11-21T09:30:00.000Z",
  config: { samples: 6, pool: 2, sessions: [1, 32], orderSeed: 1, memoryBytes: 2 ** 28, egress: false },
  jobs: 40,
  sandboxes: [
    ...[sandbox("fast"), sandbox("bare", { isolation: "none", control: true }), sandbox("null")],
    ...[executor("other", "other 4.5"), executor("late", "late 1")],
  ],
  unavailable: [
    { id: "gone", reason: "no daemon", fix: "Start one" },
    { id: "absent", reason: "not installed", fix: "Run npm install absent" },
  ],
  environment: { node: "v24.0.0", cpu: "a cpu", cpus: 2 },
};
let order = 0;
const measured = (id: string, kind: Sample["job"]["kind"], figures: { readonly [id: string]: readonly number[] }): Sample => ({
  ...{ schemaVersion: SAMPLE_SCHEMA_VERSION, order: order++, status: "measured", measured: figures },
  job: { sandbox: id, kind, sessions: kind === "load" ? 1 : null },
});
const samples: readonly Sample[] = [
  ...[10, 20, 30, 40, 50, 60].flatMap((ms) => [
    measured("fast", "session", { coldStartMs: [ms], residentBytes: [2_500_000] }),
    measured("fast", "pooled-start", { pooledStartMs: [ms / 10] }),
  ]),
  measured("fast", "pool-leak", { nextUserSaw: [0] }),
  measured("bare", "pool-leak", { nextUserSaw: [1] }),
  measured("bare", "load", { programsPerSecond: [12.5], programMs: [80] }),
  measured("null", "session", { coldStartMs: [0.001] }),
  {
    ...{ schemaVersion: SAMPLE_SCHEMA_VERSION, order: order++, status: "failed", message: "it died" },
    job: { sandbox: "bare", kind: "session", sessions: null },
  },
  ...[10, 20, 30, 40, 50, 60].map((ms) => measured("other", "execution", { executionMs: [ms] })),
  measured("other", "round-trip", { roundTripMs: Array.from({ length: 100 }, (_, n) => n / 100) }),
  {
    ...{ schemaVersion: SAMPLE_SCHEMA_VERSION, order: order++, status: "failed", message: "it did not answer" },
    job: { sandbox: "other", kind: "execution", sessions: null },
  },
];
const view = { columns: 80, colours: false, notes: ["A note."] };
const render = async (format: string, about = info, of = samples) =>
  (await benchReporterRegistry.load(format)).render(about, summariseBench(about, of), view);

test("the terminal shows each figure with unit, interval, n and failures, and what nobody measured", async () => {
  const text = await render("terminal");
  expect(text.split("\n\n").find((section) => section.startsWith("Cold start"))).toMatchInlineSnapshot(`
    "Cold start, ms
      From asking for a session to the result of its first program, which prints 2.
      Not the process's first session.
      sandbox        median  95% interval  p95  p99   lowest  highest  n  failed
      fast             35.0  15.0 to 55.0    -    -     10.0     60.0  6       0
      bare *              -                                            0       1
      null (floor)  0.00100             -    -    -  0.00100  0.00100  1       0"
  `);
  expect(text).toContain("declares 8 at most");
  expect(text).toContain("it died");
  expect(text).toContain("no daemon");
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("cold stands against pooled, with what the next user saw", async () => {
  const text = await render("markdown");
  expect(text).toContain("| fast | 35.0 | 3.50 | 10.0x | 1 | 0 | 0 |");
  expect(text).toMatch(/\| bare \\\* \| - \| - \| - \| 1 \| 1 \| 0 \|/);
});

test("executors of other projects are rows of their kind, with what only they have in tables of its own", async () => {
  const text = await render("terminal");
  const section = (title: string) => text.split("\n\n").find((one) => one.startsWith(title));
  expect(section("Measured\n")).toMatchInlineSnapshot(`
    "Measured
      The configuration is a hash over everything that decides how a backend
      isolates, and its version. An executor of another project is not a backend: it
      takes one program and tools, gives a result, and has no session, files or
      limits of ours. It runs as its authors ship it, in the same shuffled order as
      the backends.
      fast
        isolation process; version engine 1.2; configuration 0123456789ab; tool
        calls over a pipe; most sessions 8; emulated nothing
      bare *
        isolation none; version engine 1.2; configuration 0123456789ab; tool calls
        over a pipe; most sessions 8; emulated nothing
      null (floor)
        isolation process; version engine 1.2; configuration 0123456789ab; tool
        calls over a pipe; most sessions 8; emulated nothing
      other (executor)
        version other 4.5; configuration as its authors ship it
      late (executor)
        version late 1; configuration as its authors ship it"
  `);
  expect(section("Medians of starting")).toMatchInlineSnapshot(`
    "Medians of starting, ms
      sandbox           cold start  pooled start  warm run  execution
      fast                    35.0          3.50         -          -
      bare *                     -             -         -          -
      null (floor)         0.00100             -         -          -
      other (executor)           -             -         -       35.0
      late (executor)            -             -         -          -"
  `);
  expect(section("First execution")).toBeUndefined();
  expect(section("Whole execution")).toMatchInlineSnapshot(`
    "Whole execution, ms
      Of an executor: from handing over a program that only returns 2 to its result;
      not the first one. There is no session to reuse.
      sandbox           median  95% interval  p95  p99  lowest  highest  n  failed
      other (executor)    35.0  15.0 to 55.0    -    -    10.0     60.0  6       1
      late (executor)        -  not measured"
  `);
  expect(section("Tool round trip")).toMatchInlineSnapshot(`
    "Tool round trip, ms
      From one tool call's arrival at the host to the next one's: 1,000 in a row of
      one program, each answered at once; the host's clock. Intervals draw whole
      sessions, or whole executions.
      sandbox           median  95% interval    p95    p99    n  failed
      fast                   -  not measured
      bare *                 -  not measured
      null (floor)           -  not measured
      other (executor)   0.495             -  0.940  0.980  100       0
      late (executor)        -  not measured"
  `);
  expect(section("Cold start, ms")).not.toContain("executor");
  expect(section("Failed")).toMatchInlineSnapshot(`
    "Failed
      sandbox        job  times          the first
      bare       session      1            it died
      other    execution      1  it did not answer"
  `);
  expect(section("Not available")).toMatchInlineSnapshot(`
    "Not available on this machine
      sandbox         reason                     fix
      gone         no daemon               Start one
      absent   not installed  Run npm install absent"
  `);
  expect(await render("markdown")).toContain("| other (executor) | 35.0 | 15.0 to 55.0 | - | - | 10.0 | 60.0 | 6 | 1 |");
});

test("a run without backends shows executors alone, and one without executors no word of them", async () => {
  const executors = info.sandboxes.filter(({ kind }) => kind === "executor");
  const only = await render("terminal", { ...info, sandboxes: executors, unavailable: [] });
  expect(only).not.toMatch(/^(Cold start|Throughput)/m);
  const none = await render("terminal", { ...info, sandboxes: info.sandboxes.filter((one) => !executors.includes(one)) });
  expect(none).not.toContain("xecutor");
});

test("CSV has a row for each figure, with kind, version, configuration, isolation and transport", async () => {
  const csv = (await render("csv")).split("\n");
  const shown = csv.filter((line) => /^kind|coldStartMs|executionMs|roundTripMs/.test(line));
  expect(shown.join("\n")).toMatchInlineSnapshot(`
    "kind,sandbox,control,isolation,version,configuration,bridgeTransport,emulates,maxSessions,figure,sessions,unit,n,clusters,failed,givenUp,min,median,medianLow,medianHigh,p95,p95Low,p95High,p99,p99Low,p99High,max
    backend,fast,false,process,engine 1.2,0123456789ab,a pipe,,8,coldStartMs,,ms,6,6,0,0,10,35,15,55,,,,,,,60
    backend,bare,true,none,engine 1.2,0123456789ab,a pipe,,8,coldStartMs,,ms,,,1,0,,,,,,,,,,,
    backend,null,false,process,engine 1.2,0123456789ab,a pipe,,8,coldStartMs,,ms,1,1,0,0,0.001,0.001,,,,,,,,,0.001
    executor,other,,,other 4.5,as its authors ship it,,,,executionMs,,ms,6,6,1,0,10,35,15,55,,,,,,,60
    executor,other,,,other 4.5,as its authors ship it,,,,roundTripMs,,ms,100,1,0,0,0,0.495,,,0.9404999999999999,,,0.9801000000000001,,,0.99"
  `);
});

test("JSON holds the figures unrounded and nothing is subtracted", async () => {
  const { summary } = JSON.parse(await render("json"));
  const cold = summary.sandboxes[0].figures.find((figure: { id: string }) => figure.id === "coldStartMs");
  expect(cold.tails.median.value).toBe(35);
});

test("the same samples give the same bytes", async () => {
  for (const format of benchReporterRegistry.ids) expect(await render(format)).toBe(await render(format));
});

describe("hostile texts are harmless", () => {
  test.each(benchReporterRegistry.ids)("in %s", async (format) => {
    for (const text of [hostileText, ...formulaTexts]) {
      const hostile = sandbox(text, { version: text, bridgeTransport: text, emulates: text });
      const about = {
        ...info,
        id: text,
        sandboxes: [hostile, { ...executor(text, text), title: text }],
        unavailable: [{ id: text, reason: text, fix: text }],
        environment: { [text]: text },
      };
      const failed = samples.map((sample) => ({
        ...sample,
        job: { ...sample.job, sandbox: text },
        ...(sample.status === "failed" ? { message: text } : {}),
      }));
      expectHarmless(format, await render(format, about, failed));
    }
  });
});
