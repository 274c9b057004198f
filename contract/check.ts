/**
 * A named question put to a subject, and what came of it. Conformance checks, the checks of executors and probes are
 * instances; one prover (`sandboxes/checks/prove.ts`) puts them.
 */
import type { EnforcedLimit, Language } from "./sandbox.ts";

/** What is asked: a backend, or an executor of another project. */
export type SubjectKind = "backend" | "executor";

/** What a need may look at: what the subject says of itself. */
export interface Declared {
  readonly enforces: readonly EnforcedLimit[];
  readonly egress?: boolean;
}

/** Something without which a check would say nothing, or harm the machine: root, a daemon, a network, a declared limit. */
export interface Need {
  readonly id: string;
  /** Why it is not there, as a clause, e.g. `it does not declare the limit disk`; `undefined`: it is there. */
  missing(subject: Declared): Promise<string | undefined>;
}

/** What a check says by itself. Evidence may quote a guest: it is untrusted. */
export type Answer = {
  /** Of a check that gives several answers, which one. */
  readonly variant?: string;
} & (
  | { readonly verdict: "held" | "failed" | "escaped" | "contained" | "inconclusive" | "census"; readonly evidence: string }
  /** `unsupported`: the subject has no such concept. `unproven`: there is no safe way to show that the check works. */
  | { readonly verdict: "unsupported" | "unproven"; readonly reason: string }
);

/** `Context`: what the subject's kind is asked with. */
export interface SandboxCheck<Context = unknown> {
  /** One of its kind in each language. */
  readonly id: string;
  readonly title: string;
  readonly languages: readonly Language[];
  /** Where one is missing, the check is not put, and the finding is `unsupported`. */
  readonly needs: readonly Need[];
  /** The limit that it tries to break: on a subject that does not declare it, a failure is expected. */
  readonly limit?: EnforcedLimit;
  /**
   * Ids of the subjects from which it must have escaped in the same run, in the same language and variant; otherwise
   * `contained` is `unproven`. Empty for conformance.
   */
  readonly controls: readonly string[];
  /** It attacks the host itself: how long the host was held meanwhile, and what it cost in memory, stands with its finding. */
  readonly hostile?: true;
  /** Ends in a bounded time. It rejects where the check itself could not be put. */
  run(context: Context): Promise<Answer | readonly Answer[]>;
}

/** A check that this subject is known to fail, and why. One that holds all the same is a failure. */
export interface ExpectedFailure {
  /** Its id. */
  readonly check: string;
  /** Absent: in every language that the subject has. */
  readonly language?: Language;
  readonly reason: string;
}

/** The subject as it was when it was asked. */
export interface AskedSubject {
  readonly kind: SubjectKind;
  readonly id: string;
  readonly version: string;
  /** A hash of everything that decides how it isolates; of an executor `as its authors ship it`. */
  readonly configuration: string;
}

/** What the host's process went through while it was attacked. Measured, and part of no verdict. */
export interface HostCost {
  /** The longest that its event loop did not turn. */
  readonly stallMs: number;
  /** The most that its resident memory grew by, guests in its own process included; `null` where it cannot be measured. */
  readonly growthBytes: number | null;
}

export const verdicts = [
  "held",
  "failed",
  "expected-failure",
  "escaped",
  "contained",
  "inconclusive",
  "census",
  "unsupported",
  "unproven",
] as const;

/** What came of one check, on one subject, in one language. */
export type Finding = {
  readonly subject: AskedSubject;
  readonly check: string;
  readonly title: string;
  readonly variant: string | null;
  readonly language: Language;
  /** The limit that it tries to break; `null`: it tries no limit. */
  readonly limit: EnforcedLimit | null;
  /** At most 1,000 characters. What was seen; untrusted, for it may quote a guest. */
  readonly evidence: string;
  /** `null`: the check attacks no host, or was not put. */
  readonly host: HostCost | null;
} & (
  | { readonly verdict: "held"; readonly reason: null }
  | { readonly verdict: "failed"; readonly reason: null }
  /** `reason`: why it is known to fail. */
  | { readonly verdict: "expected-failure"; readonly reason: string }
  /** The host saw the effect. */
  | { readonly verdict: "escaped"; readonly reason: null }
  /** The operation was reached, the host saw no effect, and the same was seen to escape from every control in this run. */
  | { readonly verdict: "contained"; readonly reason: null }
  /** The guest never got as far. */
  | { readonly verdict: "inconclusive"; readonly reason: null }
  /** Recorded, and judged by nobody. */
  | { readonly verdict: "census"; readonly reason: null }
  /** `reason`: what is missing. */
  | { readonly verdict: "unsupported"; readonly reason: string }
  /** `reason`: why nothing shows that the check works here, e.g. a control that it did not escape from. It counts for nothing. */
  | { readonly verdict: "unproven"; readonly reason: string }
);
