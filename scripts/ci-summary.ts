/**
 * The last word of `.ci/run`: reads vitest's JSON report, fails if a backend that this platform must run was skipped,
 * and prints "N passed, N failed".
 */
import { readFileSync } from "node:fs";
import { argv, exit, platform } from "node:process";
import required from "./required-backends.json" with { type: "json" };

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const [, , file = "", testStatus = "1"] = argv;
const text = readFileSync(file, "utf8");
if (text === "") {
  console.error("The tests did not get as far as a report: lint, type check or dead-code check failed above.");
  console.log("0 passed, 1 failed");
  exit(1);
}
const report = JSON.parse(text) as Report;
const results = report.testResults.flatMap((suite) => suite.assertionResults);
const backends: readonly string[] = (required as { readonly [platform: string]: readonly string[] })[platform] ?? [];
const missing = backends.filter((id) => {
  const own = results.filter(({ fullName }) => fullName.startsWith(`${id} conformance`));
  return own.length === 0 || own.some(({ status }) => status !== "passed" && status !== "failed");
});
for (const id of missing) console.error(`Sandbox "${id}" must run on ${platform}, and its tests were skipped or not there.`);
for (const { fullName } of results.filter(({ status }) => status === "skipped" || status === "pending")) {
  console.log(`skipped: ${fullName}`);
}
const failed = report.numFailedTests + missing.length + (testStatus !== "0" && report.numFailedTests === 0 ? 1 : 0);
console.log(`${report.numPassedTests} passed, ${failed} failed`);
exit(failed === 0 ? 0 : 1);
