/** What every Python backend must do, as data: the same ids as JavaScript's checks where both languages have them. */
import type { ConformanceCheck } from "../context.ts";
import { pythonFilesChecks } from "./files.ts";
import { pythonLifecycle } from "./lifecycle.ts";
import { pythonLimits } from "./limits.ts";
import { pythonResults } from "./results.ts";
import { pythonTools } from "./tools.ts";

/** The last check disposes of the backend. */
export const pythonChecks: readonly ConformanceCheck[] = [
  ...pythonResults,
  ...pythonTools,
  ...pythonFilesChecks,
  ...pythonLimits,
  ...pythonLifecycle,
];
