/**
 * What every backend must do, as data: named checks, run through the public contract alone. A backend's test is
 * `describeConformance(...)`; what a backend cannot do yet is listed there with its reason.
 */

import type { Language, Sandbox } from "../../../contract/index.ts";
import type { ConformanceCheck } from "./context.ts";
import { filesChecks } from "./files.ts";
import { lifecycleChecks } from "./lifecycle.ts";
import { limitsChecks } from "./limits.ts";
import { pythonChecks } from "./python/checks.ts";
import { resourcesChecks } from "./resources.ts";
import { resultsChecks } from "./results.ts";
import { toolsChecks } from "./tools.ts";

/** In the order in which they are run: the last check of a language disposes of the backend. */
export const checksOf: Readonly<Record<Language, readonly ConformanceCheck[]>> = {
  javascript: [...resultsChecks, ...toolsChecks, ...filesChecks, ...limitsChecks, ...resourcesChecks, ...lifecycleChecks],
  python: pythonChecks,
};

/** The checks that a backend is asked: all, but those of limits which it does not claim and which would tell nothing. */
export const checksFor = ({ enforces }: Pick<Sandbox, "enforces">, language: Language): readonly ConformanceCheck[] =>
  checksOf[language].filter(
    ({ limit, onlyIfDeclared }) => onlyIfDeclared !== true || limit === undefined || enforces.includes(limit),
  );
