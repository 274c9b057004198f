/**
 * What every JavaScript backend must do, as data: named checks, run through the public contract alone. A backend's test
 * is `describeConformance(...)`; what a backend cannot do yet is listed there with its reason.
 */

import type { ConformanceCheck } from "./conformance/context.ts";
import { filesChecks } from "./conformance/files.ts";
import { lifecycleChecks } from "./conformance/lifecycle.ts";
import { limitsChecks } from "./conformance/limits.ts";
import { resultsChecks } from "./conformance/results.ts";
import { toolsChecks } from "./conformance/tools.ts";

/** The last check disposes of the backend. */
export const conformanceChecks: readonly ConformanceCheck[] = [
  ...resultsChecks,
  ...toolsChecks,
  ...filesChecks,
  ...limitsChecks,
  ...lifecycleChecks,
];
