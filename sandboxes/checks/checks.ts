/** Every check, in the order in which they are put: the last check of a language disposes of the backend. */
import type { Answer, Language, SandboxCheck } from "../../contract/index.ts";
import type { ConformanceCheck, ConformanceContext } from "./conformance/context.ts";
import { egressChecks } from "./conformance/javascript/egress.ts";
import { filesChecks } from "./conformance/javascript/files.ts";
import { hostileChecks } from "./conformance/javascript/hostile.ts";
import { lifecycleChecks } from "./conformance/javascript/lifecycle.ts";
import { limitsChecks } from "./conformance/javascript/limits.ts";
import { nextProgramChecks } from "./conformance/javascript/next-program.ts";
import { replacedChecks } from "./conformance/javascript/replaced.ts";
import { resourcesChecks } from "./conformance/javascript/resources.ts";
import { resultsChecks } from "./conformance/javascript/results.ts";
import { toolsChecks } from "./conformance/javascript/tools.ts";
import { pythonEgress } from "./conformance/python/egress.ts";
import { pythonFilesChecks } from "./conformance/python/files.ts";
import { pythonHostile } from "./conformance/python/hostile.ts";
import { pythonLifecycle } from "./conformance/python/lifecycle.ts";
import { pythonLimits } from "./conformance/python/limits.ts";
import { pythonResults } from "./conformance/python/results.ts";
import { pythonTools } from "./conformance/python/tools.ts";
import { javascriptSameText, pythonSameText } from "./conformance/same-text/checks.ts";
import { problemText } from "./conformance/start.ts";

export { executorChecks } from "./executors/checks.ts";

/** What every backend is asked, by language. */
export const checksOf: Readonly<Record<Language, readonly ConformanceCheck[]>> = {
  javascript: [
    ...resultsChecks,
    ...replacedChecks,
    ...javascriptSameText,
    ...toolsChecks,
    ...filesChecks,
    ...limitsChecks,
    ...resourcesChecks,
    ...hostileChecks,
    ...nextProgramChecks,
    ...egressChecks,
    ...lifecycleChecks,
  ],
  python: [
    ...pythonResults,
    ...pythonSameText,
    ...pythonTools,
    ...pythonFilesChecks,
    ...pythonLimits,
    ...pythonHostile,
    ...pythonEgress,
    ...pythonLifecycle,
  ],
};

export const conformanceChecks: readonly SandboxCheck<ConformanceContext>[] = [
  ...checksOf.javascript.map((check) => asked(check, "javascript")),
  ...checksOf.python.map((check) => asked(check, "python")),
];

function asked({ run, needs = [], ...check }: ConformanceCheck, language: Language): SandboxCheck<ConformanceContext> {
  const answer = async (context: ConformanceContext): Promise<Answer> => {
    try {
      await run(context);
      return { verdict: "held", evidence: "" };
    } catch (error) {
      return { verdict: "failed", evidence: problemText(error) };
    }
  };
  return { ...check, languages: [language], needs, controls: [], run: answer };
}
