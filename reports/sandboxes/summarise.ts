/** Pure: samples to figures. Nothing is subtracted and nothing trimmed; failures are counted and have no time. */

import type { BenchedSandbox, BenchInfo, Job, Sample, UnavailableSandbox } from "../../contract/sandbox-measurement.ts";
import { type Tails, tails } from "../figures/statistics/tails.ts";

export type FigureUnit = "ms" | "bytes" | "programs/s";

/** One figure of one backend or executor. */
export interface Figure {
  readonly id: string;
  readonly unit: FigureUnit;
  /** Sessions at once; `null`: one. */
  readonly sessions: number | null;
  /** `null`: no job gave it, because all failed or because the backend cannot measure it. */
  readonly tails: Tails | null;
  /** Jobs that failed, and jobs that were left out after too many failures. */
  readonly failed: number;
  readonly givenUp: number;
}

export interface SandboxFigures {
  readonly sandbox: BenchedSandbox;
  readonly figures: readonly Figure[];
  /** Asked for, and more than the backend declares to hold. */
  readonly sessionsLeftOut: readonly number[];
  readonly pool: {
    /** Median cold start by median pooled start; `null` without either. */
    readonly timesFaster: number | null;
    /** Times that a second user looked for what the first had planted, and times that it was found. */
    readonly looked: number;
    readonly found: number;
    /** Looks that showed nothing. */
    readonly failed: number;
  } | null;
}

export interface BenchProblem extends Job {
  readonly jobs: number;
  /** Of the first one. */
  readonly message: string;
}

export interface BenchSummary {
  readonly jobs: { readonly planned: number; readonly done: number };
  readonly sandboxes: readonly SandboxFigures[];
  readonly unavailable: readonly UnavailableSandbox[];
  readonly problems: readonly BenchProblem[];
}

const figuresOf: readonly { readonly kind: Job["kind"]; readonly ids: readonly string[] }[] = [
  { kind: "first-open", ids: ["firstOpenMs", "firstStartMs"] },
  { kind: "first-execution", ids: ["firstExecutionMs"] },
  { kind: "execution", ids: ["executionMs"] },
  { kind: "session", ids: ["openMs", "coldStartMs", "warmRunMs", "atOnceRunMs"] },
  { kind: "round-trip", ids: ["roundTripMs"] },
  { kind: "egress-trip", ids: ["egressTripMs"] },
  { kind: "stop", ids: ["stopMs"] },
  { kind: "session", ids: ["closeMs", "residentBytes"] },
  { kind: "pooled-start", ids: ["pooledOpenMs", "pooledStartMs"] },
  { kind: "load", ids: ["openAllMs", "programsPerSecond", "programMs", "hostGrowthBytes"] },
];

export function summariseBench(info: BenchInfo, samples: readonly Sample[]): BenchSummary {
  return {
    jobs: { planned: info.jobs, done: samples.length },
    sandboxes: info.sandboxes.map((sandbox) =>
      sandboxFigures(
        info,
        sandbox,
        samples.filter(({ job }) => job.sandbox === sandbox.id),
      ),
    ),
    unavailable: info.unavailable,
    problems: problemsOf(samples),
  };
}

function sandboxFigures({ config }: BenchInfo, sandbox: BenchedSandbox, samples: readonly Sample[]): SandboxFigures {
  const own = figures(samples);
  const median = (id: string) => own.find((one) => one.id === id)?.tails?.median.value;
  const [cold, pooled] = [median("coldStartMs"), median("pooledStartMs")];
  const looks = samples.filter(({ job }) => job.kind === "pool-leak");
  const seen = looks.flatMap((sample) => (sample.status === "measured" ? (sample.measured.nextUserSaw ?? []) : []));
  return {
    sandbox,
    figures: own,
    sessionsLeftOut: sandbox.kind === "executor" ? [] : config.sessions.filter((count) => count > sandbox.maxSessions),
    pool:
      config.pool === null || sandbox.kind === "executor"
        ? null
        : {
            timesFaster: cold === undefined || pooled === undefined ? null : cold / pooled,
            looked: seen.length,
            found: seen.filter((saw) => saw === 1).length,
            failed: looks.length - seen.length,
          },
  };
}

function figures(samples: readonly Sample[]): readonly Figure[] {
  const counts = [...new Set(samples.map(({ job }) => job.sessions))].sort((a, b) => (a ?? 0) - (b ?? 0));
  return figuresOf.flatMap(({ kind, ids }) =>
    counts.flatMap((sessions) => {
      const own = samples.filter(({ job }) => job.kind === kind && job.sessions === sessions);
      return own.length === 0 ? [] : ids.map((id) => figure(id, sessions, own));
    }),
  );
}

function figure(id: string, sessions: number | null, samples: readonly Sample[]): Figure {
  const clusters = samples.flatMap((sample) => {
    const values = sample.status === "measured" ? sample.measured[id] : undefined;
    return values == null ? [] : [values];
  });
  return {
    id,
    unit: unitOf(id),
    sessions,
    tails: tails(clusters),
    failed: samples.filter(({ status }) => status === "failed").length,
    givenUp: samples.filter(({ status }) => status === "given-up").length,
  };
}

function unitOf(id: string): FigureUnit {
  if (id === "programsPerSecond") return "programs/s";
  return id.endsWith("Bytes") ? "bytes" : "ms";
}

/** One for each backend or executor, kind and number of sessions. */
function problemsOf(samples: readonly Sample[]): BenchProblem[] {
  const problems = new Map<string, BenchProblem>();
  for (const sample of samples) {
    if (sample.status !== "failed") continue;
    const key = JSON.stringify(sample.job);
    const known = problems.get(key);
    problems.set(key, { ...sample.job, message: sample.message, ...known, jobs: (known?.jobs ?? 0) + 1 });
  }
  return [...problems.values()];
}
