/** What `samples.jsonl` holds: one line a job, appended as it ends. Everything is kept as it was measured. */
import type { Isolation, Language, SubjectKind } from "./index.ts";

export const SAMPLE_SCHEMA_VERSION = 2;

/** What one job does with one backend. Each is a file below `measure/jobs/`. */
export type BackendJobKind =
  | "first-open"
  | "session"
  | "round-trip"
  | "stop"
  | "load"
  | "pooled-start"
  | "pool-leak"
  | "egress-trip";

/** What one job does with one executor of another project, in `measure/jobs/execution.ts`. */
export type ExecutorJobKind = "first-execution" | "execution" | "round-trip";

/** One job of the plan. */
export interface Job {
  /** Id of a backend or an executor; no executor has the id of a backend. */
  readonly sandbox: string;
  readonly kind: BackendJobKind | ExecutorJobKind;
  /** Sessions at once; `null` for every kind but `load`. */
  readonly sessions: number | null;
}

/**
 * What a job measured: named lists of numbers, in the order in which they were taken. A name ends in its unit. `null` is
 * a figure that the backend cannot give.
 */
export type Measured = { readonly [figure: string]: readonly number[] | null };

/** Failures have no time. */
export type Sample = {
  readonly schemaVersion: typeof SAMPLE_SCHEMA_VERSION;
  /** From 0, in the order in which the jobs were done. */
  readonly order: number;
  readonly job: Job;
} & (
  | { readonly status: "measured"; readonly measured: Measured }
  /** `message` may quote a guest. */
  | { readonly status: "failed"; readonly message: string }
  /** Not tried any more after too many failures in a row of the same kind on the same backend. */
  | { readonly status: "given-up" }
);

/** A backend or an executor as it was measured. Texts are its own. */
export type BenchedSandbox = BenchedBackend | BenchedExecutor;

interface Benched {
  readonly kind: SubjectKind;
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** A hash of everything that decides how it isolates; of an executor `as its authors ship it`. */
  readonly configuration: string;
}

export interface BenchedBackend extends Benched {
  readonly kind: "backend";
  readonly isolation: Isolation;
  readonly control: boolean;
  /** In which its programs were written. */
  readonly language: Language;
  readonly bridgeTransport: string;
  readonly emulates: string | null;
  readonly maxSessions: number;
  /** `false`: the host cannot stop a program here that does not end, so the busy loop is left out. */
  readonly stopsBusyLoop: boolean;
}

/** It has no sessions, files or limits of ours. */
export interface BenchedExecutor extends Benched {
  readonly kind: "executor";
}

export interface UnavailableSandbox {
  readonly id: string;
  readonly reason: string;
  readonly fix: string;
}

/** `sandbox-bench.json`: what was asked, where, of what. Written before the first job. */
export interface BenchInfo {
  readonly schemaVersion: typeof SAMPLE_SCHEMA_VERSION;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly config: {
    readonly samples: number;
    /** Sessions kept ready; `null`: no pool was measured. */
    readonly pool: number | null;
    readonly sessions: readonly number[];
    readonly orderSeed: number;
    readonly memoryBytes: number;
    /** Every session has egress to a server of the harness. Backends without it were left out, but for the floor. */
    readonly egress: boolean;
  };
  readonly jobs: number;
  readonly sandboxes: readonly BenchedSandbox[];
  readonly unavailable: readonly UnavailableSandbox[];
  readonly environment: { readonly [name: string]: string | number };
}

/** The floor: beside every backend, and never subtracted. */
export const floorId = "null";
