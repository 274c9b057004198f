import { describe, expect, test } from "vitest";
import { type BenchedSandbox, type BenchInfo, SAMPLE_SCHEMA_VERSION, type Sample } from "../../contract/sandbox-measurement.ts";
import { expectHarmless, formulaTexts, hostileText } from "../../testing/harmless.ts";
import { benchReporterRegistry } from "./registry.ts";
import { summariseBench } from "./summarise.ts";

const sandbox = (id: string, own: Partial<BenchedSandbox> = {}): BenchedSandbox => ({
  ...{ id, title: id, version: "engine 1.2", configurationHash: "0123456789ab", isolation: "process", control: false },
  ...{ language: "javascript", bridgeTransport: "a pipe", emulates: null, maxSessions: 8, stopsBusyLoop: true },
  ...own,
});
const info: BenchInfo = {
  schemaVersion: SAMPLE_SCHEMA_VERSION,
  id: "20251121-093000",
  startedAt: "2025-11-21T09:30:00.000Z",
  config: { samples: 6, pool: 2, sessions: [1, 32], orderSeed: 1, memoryBytes: 2 ** 28 },
  jobs: 40,
  sandboxes: [sandbox("fast"), sandbox("bare", { isolation: "none", control: true }), sandbox("null")],
  unavailable: [{ id: "gone", reason: "no daemon", fix: "Start one" }],
  peers: [
    { id: "other", title: "Other", version: "other 4.5", configuration: "as its authors ship it" },
    { id: "late", title: "Late", version: "late 1", configuration: "as its authors ship it" },
  ],
  unavailablePeers: [{ id: "absent", reason: "not installed", fix: "Run npm install absent" }],
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
  ...[10, 20, 30, 40, 50, 60].map((ms) => measured("other", "peer-execution", { executionMs: [ms] })),
  measured("other", "peer-round-trip", { roundTripMs: Array.from({ length: 100 }, (_, n) => n / 100) }),
  {
    ...{ schemaVersion: SAMPLE_SCHEMA_VERSION, order: order++, status: "failed", message: "it did not answer" },
    job: { sandbox: "other", kind: "peer-execution", sessions: null },
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
      backend        median  95% interval  p95  p99   lowest  highest  n  failed
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

test("executors of other projects stand in tables of their own, with version and how they were run", async () => {
  const text = await render("terminal");
  const [, peers = ""] = text.split(/\n(?=Executors of other projects\n)/);
  expect(peers.split("\n\nNotes")[0]).toMatchInlineSnapshot(`
    "Executors of other projects
      No backends: one program, tools, a result, with no session, files or limits of
      ours. Each is run as its authors ship it, in the same shuffled order as the
      backends, and stands in no row of theirs.
      executor    version           configuration
      other     other 4.5  as its authors ship it
      late         late 1  as its authors ship it

    Executors of other projects: first execution, ms
      The first one of this run: processes are started, engines loaded. Once a run,
      so n = 1.
      executor  median  95% interval  p95  p99  lowest  highest  n  failed
      other          -  not measured
      late           -  not measured

    Executors of other projects: whole execution, ms
      From handing over a program that only returns 2 to its result; not the first
      one. There is no session to reuse.
      executor  median  95% interval  p95  p99  lowest  highest  n  failed
      other       35.0  15.0 to 55.0    -    -    10.0     60.0  6       1
      late           -  not measured

    Executors of other projects: tool round trip, ms
      From one tool call's arrival at the host to the next one's: 1,000 in a row of
      one program, each answered at once; the host's clock. Intervals draw whole
      executions.
      executor  median  95% interval    p95    p99  lowest  highest    n  failed
      other      0.495             -  0.940  0.980       0    0.990  100       0
      late           -  not measured

    Executors of other projects: failed
      executor             job  times          the first
      other     peer-execution      1  it did not answer

    Executors of other projects, not available on this machine
      executor         reason                     fix
      absent    not installed  Run npm install absent"
  `);
  const before = text.slice(0, text.indexOf("Executors of other projects"));
  for (const own of ["other", "late", "absent", "it did not answer"]) expect(before).not.toMatch(new RegExp(`^ +${own}`, "m"));
  expect(await render("markdown")).toContain("| other | 35.0 | 15.0 to 55.0 | - | - | 10.0 | 60.0 | 6 | 1 |");
});

test("their CSV is a file of its own, and the backends' has no row of theirs", async () => {
  const [head = "", ...lines] = (await render("csv-peers")).trimEnd().split("\n");
  const rows = lines.map((line) => Object.fromEntries(head.split(",").map((name, i) => [name, line.split(",")[i]])));
  expect(rows).toMatchObject([
    { executor: "other", version: "other 4.5", configuration: "as its authors ship it", figure: "executionMs", median: "35" },
    { executor: "other", figure: "roundTripMs", n: "100", p99: expect.stringMatching(/^0\.98/) },
  ]);
  expect(await render("csv")).not.toContain("other");
});

test("a run without backends shows executors alone, and one without executors no table of them", async () => {
  const peersOnly = await render("terminal", { ...info, sandboxes: [], unavailable: [] }, []);
  expect(peersOnly).not.toMatch(/^(Backends|Medians)/m);
  const none = await render("terminal", { ...info, peers: [], unavailablePeers: [] }, []);
  expect(none).not.toContain("xecutor");
});

test("CSV has a row for each figure, with version, configuration, isolation and transport", async () => {
  const [head = "", first = ""] = (await render("csv")).split("\n");
  const row = Object.fromEntries(head.split(",").map((name, i) => [name, first.split(",")[i]]));
  expect(row).toMatchObject({ sandbox: "fast", version: "engine 1.2", configuration: "0123456789ab", isolation: "process" });
  expect(row).toMatchObject({ bridgeTransport: "a pipe", maxSessions: "8" });
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
        sandboxes: [hostile],
        unavailable: [{ id: text, reason: text, fix: text }],
        peers: [{ id: text, title: text, version: text, configuration: "as its authors ship it" } as const],
        unavailablePeers: [{ id: text, reason: text, fix: text }],
        environment: { [text]: text },
      };
      const failed = samples.map((sample) => ({
        ...sample,
        job: { ...sample.job, sandbox: text },
        ...(sample.status === "failed" ? { message: text } : {}),
      }));
      expectHarmless(format === "csv-peers" ? "csv" : format, await render(format, about, failed));
    }
  });
});
