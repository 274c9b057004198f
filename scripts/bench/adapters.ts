/**
 * Every sandbox backend against the same work by hand with its raw API: cold starts, and tool round trips against an echo
 * of bytes on the same channel. Each file of `floors/` is a backend's raw side. Pools and many sessions at once are what
 * the command `sandboxes` measures.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { echoBridge, expectText, openOptions, program, runOptions, sources } from "../../bench/measure/jobs/programs.ts";
import type { Language, Sandbox, SandboxHost } from "../../contract/index.ts";
import { sandboxRegistry } from "../../sandboxes/registry.ts";
import { atMost, type Benchmark, type Comparison, compare, type Round, spread } from "./comparison.ts";
import type { RawFloor } from "./floors/raw.ts";
import { interleave } from "./rounds.ts";

const rounds = 20;
/** Of backends whose cold start takes longer than `slowMs`. */
const slowRounds = 6;
const slowMs = 1_000;
const tripRounds = 8;
const calls = 1_000;
const memoryBytes = 256 * 2 ** 20;
/** A cold start may cost 1.1 times the raw one, or this many milliseconds more, whichever is larger. */
const coldRatio = 1.1;
const coldAllowanceMs: { readonly [id: string]: number } = { docker: 5 };
const defaultAllowanceMs = 0.5;

/** One backend in a folder of its own. */
interface Subject {
  readonly sandbox: Sandbox;
  readonly host: SandboxHost;
  readonly language: Language;
}

export const adapters: Benchmark = {
  id: "adapters",
  title: "Sandbox backends against their raw APIs by hand",
  async run(say, only) {
    const comparisons: Comparison[] = [];
    const rows: string[][] = [];
    const notes: string[] = [];
    const isWanted = (id: string) => only === undefined || only.includes(id);
    const raw = (await floors()).filter(({ id }) => isWanted(id));
    for (const id of sandboxRegistry.ids.filter((one) => isWanted(one) && !raw.some((floor) => floor.id === one)))
      rows.push([id, `it has no raw side: there is no scripts/bench/floors/${id}.ts`]);
    for (const { id, note, prepare } of raw) {
      say(id);
      const missing = await withSandbox(id, async (subject) => {
        comparisons.push(...(await againstRaw(id, subject, { id, note, prepare })));
        notes.push(`${id} by hand: ${note}`);
      });
      if (missing !== undefined) rows.push([id, missing]);
    }
    return {
      comparisons,
      listings: rows.length === 0 ? [] : [{ title: "What could not be measured here", head: ["what", "why"], rows }],
      notes: [
        `Interleaved rounds: ${rounds} cold starts (${slowRounds} where one takes over ${slowMs} ms), ${tripRounds} times ${calls} calls. Cold starts: what the backend takes more than the raw API, against the larger of a tenth of the raw median and ${defaultAllowanceMs} ms (docker: ${coldAllowanceMs.docker} ms).`,
        "Both sides' calls are timed over all of a session's; the host's clock for the backend, whatever the raw side reads for itself.",
        ...notes,
      ],
    };
  },
};

async function floors(): Promise<readonly RawFloor[]> {
  const folder = new URL("floors/", import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "raw.ts");
  return Promise.all(
    files.sort().map(async (file) => ((await import(new URL(file, folder).href)) as { readonly floor: RawFloor }).floor),
  );
}

/** `undefined` once used; else why the backend cannot run here. */
async function withSandbox(id: string, use: (subject: Subject) => Promise<void>): Promise<string | undefined> {
  if (!sandboxRegistry.ids.includes(id)) return "there is no such backend";
  const tmpDir = mkdtempSync(join(tmpdir(), "bench-adapters-"));
  const now = () => performance.now();
  const host: SandboxHost = { env: process.env, platform: process.platform, now, tmpDir, nodePath: process.execPath };
  const sandbox = (await sandboxRegistry.load(id))(host);
  try {
    const availability = await sandbox.available();
    if (availability.status === "unavailable") return `unavailable: ${availability.reason}. ${availability.fix}`;
    await use({ sandbox, host, language: sandbox.languages.includes("javascript") ? "javascript" : "python" });
    return undefined;
  } finally {
    await sandbox.dispose();
    rmSync(tmpDir, { recursive: true, force: true });
  }
}

async function againstRaw(id: string, { sandbox, host, language }: Subject, floor: RawFloor): Promise<Comparison[]> {
  // Makes what is made once, e.g. an image, which the raw side may use.
  await coldStart(sandbox, language);
  const raw = await floor.prepare(host);
  try {
    const slow = Math.max(await coldStart(sandbox, language), await raw.cold()) > slowMs;
    const cold = await interleave(
      slow ? slowRounds : rounds,
      () => coldStart(sandbox, language),
      () => raw.cold(),
    );
    const allowanceMs = Math.max(
      (coldRatio - 1) * spread(cold.map(({ right }) => right)).median,
      coldAllowanceMs[id] ?? defaultAllowanceMs,
    );
    const trips = await interleave(
      tripRounds,
      () => roundTrip(sandbox, language),
      () => raw.roundTrip(calls),
    );
    return [
      compare(`${id}: cold start, more than raw`, cold, {
        figure: ({ left, right }: Round) => left - right,
        figureUnit: "ms",
        target: atMost(allowanceMs, "ms"),
      }),
      compare(`${id}: tool round trip`, trips, { target: atMost(1.5) }),
    ];
  } finally {
    await raw.dispose();
  }
}

async function coldStart(sandbox: Sandbox, language: Language): Promise<number> {
  const start = performance.now();
  const session = await sandbox.open(openOptions(language, memoryBytes));
  try {
    expectText(await session.run(program(language, sources[language].trivial), runOptions()), "2");
    return performance.now() - start;
  } finally {
    await session.close();
  }
}

/** Mean milliseconds between the arrivals of two calls. */
async function roundTrip(sandbox: Sandbox, language: Language): Promise<number> {
  const session = await sandbox.open(openOptions(language, memoryBytes));
  try {
    let first = Number.NaN;
    let last = Number.NaN;
    const bridge = echoBridge(() => {
      last = performance.now();
      if (Number.isNaN(first)) first = last;
    });
    const outcome = await session.run(program(language, sources[language].calls(calls + 1)), runOptions(bridge));
    expectText(outcome, String(calls + 1));
    return (last - first) / calls;
  } finally {
    await session.close();
  }
}
