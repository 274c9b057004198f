/** JUnit XML, for every CI server that shows test results. One suite for the run, the budgets and the baseline each. */
import { svgText } from "../../../reports/escape.ts";
import type { Check, GateReport } from "../report.ts";
import { findings, whyRows } from "./wording.ts";

export function junitText({ checks }: GateReport): string {
  const suites = (["run", "budget", "baseline"] as const).map((about) => checks.filter((check) => check.about === about));
  const failures = (some: readonly Check[]) => some.filter(({ status }) => status === "failed").length;
  const counts = (some: readonly Check[]) => `tests="${some.length}" failures="${failures(some)}" errors="0" skipped="0"`;
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mcp-code-bench gate" ${counts(checks)}>`,
    ...suites.flatMap((suite) => {
      const [first] = suite;
      if (first === undefined) return [];
      return [`  <testsuite name="${first.about}" ${counts(suite)}>`, ...suite.flatMap(testCase), "  </testsuite>"];
    }),
    "</testsuites>",
  ].join("\n")}\n`;
}

/** A warning or notice is a passed case with output. */
function testCase(check: Check): string[] {
  const open = `    <testcase classname="gate.${check.about}" name="${xmlText(check.name)}"`;
  const lines = [
    ...findings(check),
    ...check.why.flatMap(whyRows).map(({ depth, label, tokens }) => `${"  ".repeat(depth)}${label} ${tokens}`),
  ].map(xmlText);
  if (lines.length === 0) return [`${open} />`];
  const body =
    check.status === "failed"
      ? `<failure message="${lines[0]}" type="${check.about}">${lines.join("\n")}</failure>`
      : `<system-out>${check.status}: ${lines.join("\n")}</system-out>`;
  return [`${open}>`, `      ${body}`, "    </testcase>"];
}

/** XML 1.0 cannot hold control characters, lone surrogates and two more, not even escaped. */
function xmlText(text: string): string {
  return svgText(text.toWellFormed().replaceAll(/[\ufffe\uffff]/g, "\ufffd"));
}
