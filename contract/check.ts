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
  | { readonly verdict: "held" | "failed" | "escaped" | "contained" | "inconclusive"; readonly evidence: string }
  /** It has no such concept. */
  | { readonly verdict: "unsupported"; readonly reason: string }
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
  /** Ids of the subjects that must be caught by it in the same run, or `contained` counts for nothing. Conformance: none. */
  readonly controls: readonly string[];
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

export const verdicts = [
  "held",
  "failed",
  "expected-failure",
  "escaped",
  "contained",
  "inconclusive",
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
  /** The limit that it tries to break; `null`: none. */
  readonly limit: EnforcedLimit | null;
  /** At most 1,000 characters. What was seen; untrusted, for it may quote a guest. */
  readonly evidence: string;
} & (
  | { readonly verdict: "held"; readonly reason: null }
  | { readonly verdict: "failed"; readonly reason: null }
  /** `reason`: why it is known to fail. */
  | { readonly verdict: "expected-failure"; readonly reason: string }
  /** The host saw the effect. */
  | { readonly verdict: "escaped"; readonly reason: null }
  /** The operation was reached, the host saw no effect, and every control was caught in the same run. */
  | { readonly verdict: "contained"; readonly reason: null }
  /** The guest never got as far. */
  | { readonly verdict: "inconclusive"; readonly reason: null }
  /** `reason`: what is missing. */
  | { readonly verdict: "unsupported"; readonly reason: string }
  /** `reason`: which control was not caught. It counts for nothing. */
  | { readonly verdict: "unproven"; readonly reason: string }
);
