/** What `samples.jsonl` holds: one line a job, appended as it ends. Everything is kept as it was measured. */
import type { Isolation, Language } from "./index.ts";

export const SAMPLE_SCHEMA_VERSION = 1;

/** What one job does with one backend. Each is a file below `measure/`. */
export const jobKinds = ["first-open", "session", "round-trip", "stop", "load", "pooled-start", "pool-leak"] as const;
export type JobKind = (typeof jobKinds)[number];

/** What one job does with one executor of another project, in `measure/peer.ts`. */
export const peerJobKinds = ["peer-first-execution", "peer-execution", "peer-round-trip"] as const;
export type PeerJobKind = (typeof peerJobKinds)[number];

export function isPeerKind(kind: Job["kind"]): kind is PeerJobKind {
  return peerJobKinds.some((one) => one === kind);
}

/** One job of the plan. */
export interface Job {
  /** Id of a backend, or of a peer where the kind is a peer's; no peer has the id of a backend. */
  readonly sandbox: string;
  readonly kind: JobKind | PeerJobKind;
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

/** A backend as it was measured. Texts are the backend's own. */
export interface BenchedSandbox {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly configurationHash: string;
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

/** An executor of another project as it was measured. Texts are its own, but for the last one. */
export interface BenchedPeer {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** There is nothing of ours to set, and so no hash. */
  readonly configuration: "as its authors ship it";
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
  };
  readonly jobs: number;
  readonly sandboxes: readonly BenchedSandbox[];
  readonly unavailable: readonly UnavailableSandbox[];
  readonly peers: readonly BenchedPeer[];
  readonly unavailablePeers: readonly UnavailableSandbox[];
  readonly environment: { readonly [name: string]: string | number };
}

/** The floor: beside every backend, and never subtracted. */
export const floorId = "null";
