/** The checks that a backend is known to fail: each must be one that it is asked, and must fail. */
import { closest } from "fastest-levenshtein";
import type { Language, Sandbox } from "../../../contract/index.ts";
import { checksOf } from "./checks.ts";
import type { ConformanceCheck, ConformanceContext } from "./context.ts";

/** A check that this backend is known to fail, and why. One that passes all the same fails the suite. */
export interface ExpectedFailure {
  /** Its id. */
  readonly check: string;
  /** Absent: in every language that the backend has. */
  readonly language?: Language;
  readonly reason: string;
}

/** One line for each that names no check of the backend's languages, or one of a limit that the backend declares. */
export function mistakesIn(
  expectedFailures: readonly ExpectedFailure[],
  { enforces, languages }: Pick<Sandbox, "enforces" | "languages">,
): string[] {
  return expectedFailures.flatMap(({ check: id, language }) => {
    const checks = languages.filter((one) => language === undefined || one === language).flatMap((one) => checksOf[one]);
    const named = checks.filter((check) => check.id === id);
    if (named.length === 0) {
      const ids = checks.map((check) => check.id);
      const hint = ids.length === 0 ? `the backend has no ${language}` : `did you mean ${closest(id, ids)}?`;
      return [`there is no check ${id}${language === undefined ? "" : ` of ${language}`}; ${hint}`];
    }
    const declared = named.find(({ limit }) => limit !== undefined && enforces.includes(limit))?.limit;
    return declared === undefined
      ? []
      : [`${id} is of the limit ${declared}, which the backend declares: enforce it, or take ${declared} out of enforces`];
  });
}

/** Rejects if the check passes. */
export async function failsAsExpected(check: ConformanceCheck, context: ConformanceContext): Promise<void> {
  const passed = await check.run(context).then(
    () => true,
    () => false,
  );
  if (passed) throw new Error(`${check.id} passed: remove it from the expected failures`);
}
