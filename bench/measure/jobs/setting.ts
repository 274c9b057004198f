/** What every measure is given. */
import type { Language, OpenOptions, Outcome, Sandbox } from "../../../contract/index.ts";
import type { Measured } from "../../../contract/sandbox-measurement.ts";
import type { EgressTarget } from "../egress.ts";

/** A backend with sessions kept ready; `sandboxes/host/pooled.ts` makes one. */
export interface SandboxPool extends Sandbox {
  /** Resolves when as many sessions wait as it keeps, opened with these options. */
  prepare(options: OpenOptions): Promise<void>;
  /** Closes what waits. */
  empty(): Promise<void>;
}

export interface MeasureSetting {
  readonly sandbox: Sandbox;
  /** `null`: no pool is measured. */
  readonly pool: SandboxPool | null;
  /** What every session of the backend was granted. Absent: no egress is measured. */
  readonly egress?: EgressTarget;
  /** The backend runs no program: it is what the harness itself costs. */
  readonly floor: boolean;
  readonly language: Language;
  readonly memoryBytes: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Sessions at once, for load; else `null`. */
  readonly sessions: number | null;
  /** Different in every job and unguessable by an earlier one: what a guest plants, and what a program computes with. */
  readonly nonce: string;
  /** Throws unless the program returned and showed exactly this: a fast wrong answer is not a sample. */
  readonly expect: (outcome: Outcome, text: string) => void;
}

/** Rejects when anything but what was to be measured happened. Closes every session that it opened. */
export type Measure = (setting: MeasureSetting) => Promise<Measured>;
