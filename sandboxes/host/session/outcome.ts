/** Puts an outcome together from what a backend saw, in the same way for every backend. */
import type { Activity, LimitName, Outcome } from "../../../contract/index.ts";
import type { Thrown } from "../../guest/contract.ts";
import type { KeptOutput } from "../../wire/output.ts";
import { resultText, runError } from "./result-text.ts";

export type RunVerdict =
  | { readonly status: "returned" }
  | { readonly status: "threw"; readonly thrown: Thrown }
  | { readonly status: "limit-exceeded"; readonly limit: LimitName | "aborted" };

export function outcomeOf(verdict: RunVerdict, output: KeptOutput, outputBytes: number, activity: Activity): Outcome {
  if (verdict.status === "threw") {
    const error = runError(verdict.thrown, outputBytes);
    return { status: "threw", text: resultText(output, error, outputBytes), error, activity };
  }
  const text = resultText(output, undefined, outputBytes);
  return verdict.status === "returned"
    ? { status: "returned", text, activity }
    : { status: "limit-exceeded", limit: verdict.limit, text, activity };
}
