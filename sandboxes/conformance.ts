/**
 * What every JavaScript backend must do, as data: named checks, run through the public contract alone. A backend's test
 * is `describeConformance(...)`; what a backend cannot do yet is listed there with its reason.
 */

import type { Sandbox } from "../bench/types/index.ts";
import type { ConformanceCheck } from "./conformance/context.ts";
import { filesChecks } from "./conformance/files.ts";
import { lifecycleChecks } from "./conformance/lifecycle.ts";
import { limitsChecks } from "./conformance/limits.ts";
import { resourcesChecks } from "./conformance/resources.ts";
import { resultsChecks } from "./conformance/results.ts";
import { toolsChecks } from "./conformance/tools.ts";

/** The last check disposes of the backend. */
export const conformanceChecks: readonly ConformanceCheck[] = [
  ...resultsChecks,
  ...toolsChecks,
  ...filesChecks,
  ...limitsChecks,
  ...resourcesChecks,
  ...lifecycleChecks,
];

/** The checks that a backend is asked: all, but those of limits which it does not claim and which would tell nothing. */
export const checksFor = (
  { enforces }: Pick<Sandbox, "enforces">,
  checks: readonly ConformanceCheck[] = conformanceChecks,
): readonly ConformanceCheck[] =>
  checks.filter(({ limit, onlyIfDeclared }) => onlyIfDeclared !== true || limit === undefined || enforces.includes(limit));
