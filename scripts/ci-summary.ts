/**
 * The last word of `.ci/run`: reads vitest's JSON report of each part, fails if a backend that the part must run was
 * skipped, and prints "N passed, N failed". Arguments: the bare part's report and exit code, then the whole part's.
 */
import { existsSync, readFileSync } from "node:fs";
import { argv, exit, platform } from "node:process";
import { backendsOf, needSetup } from "./required-backends.ts";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const [, , bareFile = "", bareStatus = "1", wholeFile = "", wholeStatus = "1"] = argv;
const required = backendsOf(platform);
const failures: string[] = [];

/** @param backends that must have run */
function summarise(part: string, file: string, exitCode: string, backends: readonly string[]) {
  if (!existsSync(file)) {
    console.error(`${part}: the tests did not get as far as a report; what failed stands above.`);
    return { passed: 0, failed: 1 };
  }
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  const results = report.testResults.flatMap((suite) => suite.assertionResults);
  const missing = backends.filter((id) => {
    const own = results.filter(({ fullName }) => fullName.startsWith(`${id} conformance`));
    return own.length === 0 || own.some(({ status }) => status !== "passed" && status !== "failed");
  });
  for (const id of missing) {
    console.error(`${part}: sandbox "${id}" must run on ${platform}, and its tests were skipped or not there.`);
  }
  for (const { fullName } of results.filter(({ status }) => status === "skipped" || status === "pending")) {
    console.log(`${part}: skipped: ${fullName}`);
  }
  // Last, where a log that is cut still shows it.
  for (const { fullName } of results.filter(({ status }) => status === "failed")) failures.push(`${part}: failed: ${fullName}`);
  // Something else than a test failed: a suite that could not be loaded, npm start, the gate.
  const other = exitCode !== "0" && report.numFailedTests === 0 ? 1 : 0;
  return { passed: report.numPassedTests, failed: report.numFailedTests + missing.length + other };
}

const parts = [
  summarise(
    "bare part",
    bareFile,
    bareStatus,
    required.filter((id) => !needSetup.includes(id)),
  ),
  summarise("whole part", wholeFile, wholeStatus, required),
];
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
const failed = sum(parts.map((part) => part.failed));
for (const failure of failures) console.log(failure);
console.log(`${sum(parts.map((part) => part.passed))} passed, ${failed} failed`);
exit(failed === 0 ? 0 : 1);
