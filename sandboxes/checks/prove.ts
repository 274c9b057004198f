/** Puts every subject's checks to it, outside a test runner, and says what was found. */
import type { Answer, ExpectedFailure, Finding, Language, SandboxCheck } from "../../contract/index.ts";
import { checkPatienceMs } from "./conformance/context.ts";
import { problemText } from "./conformance/start.ts";
import { watchHost } from "./host-watch.ts";
import { missingFor } from "./needs.ts";
import type { Subject } from "./subject.ts";

/** The one finding, always `failed`, of a subject that plays nothing: no check could tell anything of it. */
export const startCheck = { id: "start", title: "it starts" } as const;

export type ProofStep =
  | { readonly step: "begin"; readonly subject: Subject }
  | { readonly step: "finding"; readonly subject: Subject; readonly finding: Finding }
  /** `complete`: every check was put. */
  | { readonly step: "end"; readonly subject: Subject; readonly complete: boolean };

/**
 * Every step as it happens. Subjects that a check names as its controls come first, otherwise the order is kept. It ends
 * after the check at hand when `signal` aborts. Whoever stops early leaves nothing running. `now`: milliseconds, monotonic.
 */
export async function* prove(
  subjects: readonly Subject[],
  { signal, now }: { readonly signal: AbortSignal; readonly now: () => number },
): AsyncGenerator<ProofStep> {
  const named = new Set(subjects.flatMap(({ checks }) => checks.flatMap(({ controls }) => controls)));
  const ordered = subjects.toSorted((a, b) => Number(named.has(b.id)) - Number(named.has(a.id)));
  const caught: Caught = new Set();
  for (const subject of ordered) {
    if (signal.aborted) return;
    yield { step: "begin", subject };
    let started = true;
    for await (const finding of findingsOf(subject, caught, now)) {
      started &&= finding.check !== startCheck.id;
      yield { step: "finding", subject, finding };
      if (signal.aborted) break;
    }
    yield { step: "end", subject, complete: started && !signal.aborted };
  }
}

/** Whether it is something to mend: a control is there to be escaped from. */
export const isProblem = ({ verdict }: Finding, { control }: Subject): boolean =>
  verdict === "failed" || (verdict === "escaped" && !control);

/** What was escaped from in this run: check, language, variant and control. */
type Caught = Set<string>;
const caughtOn = (check: string, language: Language, variant: string | undefined, control: string): string =>
  JSON.stringify([check, language, variant, control]);

async function* findingsOf(subject: Subject, caught: Caught, now: () => number): AsyncGenerator<Finding> {
  for (const language of subject.languages) {
    const trial = await subject.begin(language);
    try {
      const cannotStart = await endOf(trial.start().then(() => undefined, problemText));
      if (cannotStart !== undefined) {
        yield findingOf(startCheck, { verdict: "failed", evidence: cannotStart, reason: null }, subject, language);
        return;
      }
      for (const check of subject.checks.filter(({ languages }) => languages.includes(language))) {
        const { answers, host } = await watched(check, now, () => answersOf(check, trial.context, subject));
        const allHeld = answers.every(({ verdict }) => verdict === "held");
        for (const answer of answers) {
          if (answer.verdict === "escaped") caught.add(caughtOn(check.id, language, answer.variant, subject.id));
          const judgement = judged(check, answer, { subject, language, caught, allHeld });
          yield { ...findingOf(check, judgement, subject, language, answer.variant), host: "reason" in answer ? null : host };
        }
      }
    } finally {
      await trial.end();
    }
  }
}

/** What the host went through meanwhile, where the check attacks it. */
async function watched(check: SandboxCheck, now: () => number, put: () => Promise<readonly Ended[]>) {
  if (check.hostile !== true) return { answers: await put(), host: null };
  const end = watchHost(now);
  const answers = await put();
  return { answers, host: await end() };
}

/** `broken`: the check could not be put to its end, which no subject is expected to come to. */
type Ended = Answer & { readonly broken?: true };

async function answersOf(check: SandboxCheck, context: unknown, subject: Subject): Promise<readonly Ended[]> {
  const reason = await missingFor(check, subject);
  if (reason !== undefined) return [{ verdict: "unsupported", reason }];
  // What crashed or hung has contained nothing.
  const verdict = check.controls.length === 0 ? "failed" : "inconclusive";
  const answers = check
    .run(context)
    .catch((error: unknown) => ({ verdict, evidence: problemText(error), broken: true }) as const);
  const ended = await endOf(answers);
  if (typeof ended === "string") return [{ verdict, evidence: ended }];
  return [ended].flat();
}

/** What it came to, or that it did not end. */
async function endOf<T>(work: Promise<T>): Promise<T | string> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`it did not end in ${checkPatienceMs} ms`), checkPatienceMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

type Judged = Finding extends infer F ? (F extends Finding ? Pick<F, "verdict" | "evidence" | "reason"> : never) : never;

interface Asked {
  readonly subject: Subject;
  readonly language: Language;
  readonly caught: Caught;
  /** Of every variant of this check. */
  readonly allHeld: boolean;
}

function judged({ id, limit, controls }: SandboxCheck, answer: Ended, { subject, language, caught, allHeld }: Asked): Judged {
  if ("reason" in answer) return { verdict: answer.verdict, evidence: "", reason: answer.reason };
  const { verdict, evidence } = answer;
  const known = expectedFailure(subject.expectedFailures, id, language)?.reason;
  if (allHeld && known !== undefined) {
    const why = `it held, where this was expected: ${known}. Remove it from the expected failures`;
    return { verdict: "failed", evidence: why, reason: null };
  }
  const undeclared =
    limit === undefined || subject.enforces.includes(limit) ? undefined : `it does not declare the limit ${limit}`;
  const reason = known ?? undeclared;
  if (verdict === "failed" && reason !== undefined && answer.broken !== true)
    return { verdict: "expected-failure", evidence, reason };
  if (verdict === "contained" && controls.length === 0) return { verdict: "unproven", evidence, reason: "it has no control" };
  const missed = controls.filter((control) => !caught.has(caughtOn(id, language, answer.variant, control)));
  if (verdict === "contained" && missed.length > 0)
    return { verdict: "unproven", evidence, reason: `it did not escape in this run from its control ${missed.join(", ")}` };
  return { verdict, evidence, reason: null };
}

export const expectedFailure = (failures: readonly ExpectedFailure[], check: string, language: Language) =>
  failures.find((failure) => failure.check === check && (failure.language ?? language) === language);

/** Characters. */
const evidenceLength = 1_000;

function findingOf(
  { id, title, limit }: Pick<SandboxCheck, "id" | "title" | "limit">,
  { evidence, ...judgement }: Judged,
  { kind, id: subject, version, configuration }: Subject,
  language: Language,
  variant: string | null = null,
): Finding {
  const cut = evidence.length > evidenceLength ? `${evidence.slice(0, evidenceLength - 1)}…` : evidence;
  return {
    subject: { kind, id: subject, version, configuration },
    ...{ check: id, title, variant, language, limit: limit ?? null, evidence: cut, host: null },
    ...judgement,
  };
}
