/** Does the plan's jobs one after another; each sample is in the file when the next job begins. */
import { appendFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BenchError, type Executor, type Language, type Sandbox } from "../../contract/index.ts";
import {
  type BenchInfo,
  floorId,
  type Job,
  type Measured,
  SAMPLE_SCHEMA_VERSION,
  type Sample,
} from "../../contract/sandbox-measurement.ts";
import { random } from "../../fixtures/random.ts";
import { makeRunFolder } from "../records/record.ts";
import type { EgressTarget } from "./egress.ts";
import { executionMeasures } from "./jobs/execution.ts";
import { measures } from "./jobs/index.ts";
import { expectText } from "./jobs/programs.ts";
import type { SandboxPool } from "./jobs/setting.ts";
import { planJobs } from "./plan.ts";

const INFO_FILE = "sandbox-bench.json";
export const SAMPLES_FILE = "samples.jsonl";

/** After this many failures of one kind in a row on one backend, the rest of that kind is left out: each may take minutes. */
const maxFailuresInARow = 3;

export type Measurable =
  /** `language`: in which its programs are written. */
  | {
      readonly kind: "backend";
      readonly sandbox: Sandbox;
      readonly pool: SandboxPool | null;
      readonly language: Language;
      /** What its sessions are granted. */
      readonly egress?: EgressTarget;
    }
  | { readonly kind: "executor"; readonly executor: Executor };

export interface BenchOptions {
  /** `jobs` is filled in from the plan. */
  readonly info: Omit<BenchInfo, "jobs">;
  /** Those of `info.sandboxes`, by id. The caller disposes of them. */
  readonly sandboxes: ReadonlyMap<string, Measurable>;
  /** Made if it is missing; OUTPUT_FOLDER if it cannot be written or holds a bench already. */
  readonly outDir: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Ends the bench after the job that is being done. */
  readonly signal: AbortSignal;
  onPlan(info: BenchInfo): void;
  onSample(sample: Sample, done: number): void;
}

export interface BenchResult {
  readonly info: BenchInfo;
  readonly samples: readonly Sample[];
}

/** Rejects only with OUTPUT_FOLDER: a job that fails is a sample that says so. */
export async function benchSandboxes(options: BenchOptions): Promise<BenchResult> {
  const { outDir, signal } = options;
  const jobs = planJobs(options.info.sandboxes, options.info.config);
  const info: BenchInfo = { ...options.info, jobs: jobs.length };
  await makeRunFolder(outDir);
  await writeFile(join(outDir, INFO_FILE), `${JSON.stringify(info, null, 2)}\n`, { flag: "wx" }).catch((cause: unknown) => {
    throw outputError(outDir, cause);
  });
  options.onPlan(info);
  const samples: Sample[] = [];
  const failuresInARow = new Map<string, number>();
  for (const [order, job] of jobs.entries()) {
    if (signal.aborted) break;
    const kind = JSON.stringify(job);
    const failures = failuresInARow.get(kind) ?? 0;
    const end = failures < maxFailuresInARow ? await doJob(job, order, options) : ({ status: "given-up" } as const);
    failuresInARow.set(kind, end.status === "measured" ? 0 : failures + 1);
    const sample: Sample = { schemaVersion: SAMPLE_SCHEMA_VERSION, order, job, ...end };
    try {
      appendFileSync(join(outDir, SAMPLES_FILE), `${JSON.stringify(sample)}\n`);
    } catch (cause) {
      throw outputError(outDir, cause);
    }
    samples.push(sample);
    options.onSample(sample, samples.length);
  }
  return { info, samples };
}

async function doJob(job: Job, order: number, options: BenchOptions) {
  const measure = measureOf(job, order, options);
  try {
    return { status: "measured", measured: await measure() } as const;
  } catch (error) {
    return { status: "failed", message: error instanceof Error ? error.message : String(error) } as const;
  }
}

function measureOf(
  { sandbox: id, kind, sessions }: Job,
  order: number,
  { info, sandboxes, now }: BenchOptions,
): () => Promise<Measured> {
  const measured = sandboxes.get(id);
  if (measured?.kind === "executor" && isKey(executionMeasures, kind))
    return () => executionMeasures[kind]({ executor: measured.executor, now });
  if (measured?.kind === "backend" && isKey(measures, kind))
    return () =>
      measures[kind]({
        ...measured,
        floor: id === floorId,
        expect: id === floorId ? () => undefined : expectText,
        memoryBytes: info.config.memoryBytes,
        now,
        sessions,
        nonce: random(order, `sandbox bench nonce ${info.id}`).text(32, "0123456789abcdef"),
      });
  throw new TypeError(`The plan names ${kind} of ${id}, which is not there.`);
}

const isKey = <K extends string>(table: Readonly<Record<K, unknown>>, key: string): key is K => Object.hasOwn(table, key);

function outputError(folder: string, cause: unknown): BenchError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const problem = code === "EEXIST" ? `it holds a bench already (${INFO_FILE})` : `it cannot be written (${code})`;
  return new BenchError("OUTPUT_FOLDER", { folder, problem }, { cause });
}
