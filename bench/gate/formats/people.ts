/** The gate's verdict as text for a terminal or a log. */
import { terminalText } from "../../../reports/escape.ts";
import { type Check, counted, type GateReport } from "../report.ts";
import { findings, verdict, whyRows } from "./wording.ts";

const indent = " ".repeat(11);

export function peopleText(report: GateReport): string {
  const { files, runId, records, plannedCells, checks } = report;
  const section = (title: string, about: Check["about"]): string[] => {
    const own = checks.filter((check) => check.about === about);
    // A budget that is met still has a figure to show. An unchanged group has not.
    const shown = own.filter(({ status }) => status !== "passed" || about === "budget");
    const quiet = own.length - shown.length;
    return own.length === 0
      ? []
      : ["", title, ...(quiet > 0 ? [`  passed   ${quiet} unchanged`] : []), ...shown.flatMap(checkLines)];
  };
  return `${[
    `Gate of ${terminalText(files.results)} (run ${terminalText(runId)}): ${counted(records, "record")} of ${counted(plannedCells, "planned cell")}`,
    ...checks.filter(({ about, status }) => about === "run" && status !== "passed").flatMap(checkLines),
    ...section(`Budgets, ${terminalText(files.budget ?? "")}`, "budget"),
    ...section(`Baseline, ${terminalText(files.baseline ?? "")}`, "baseline"),
    "",
    verdict(report),
  ].join("\n")}\n`;
}

function checkLines(check: Check): string[] {
  const rows = check.why
    .flatMap(whyRows)
    .map(({ depth, label, tokens }) => ({ label: `${"  ".repeat(depth)}${terminalText(label)}`, tokens }));
  const width = Math.max(0, ...rows.map(({ label }) => label.length));
  const right = Math.max(0, ...rows.map(({ tokens }) => tokens.length));
  return [
    `  ${check.status.padEnd(9)}${terminalText(check.name)}`,
    ...findings(check).map((line) => `${indent}${terminalText(line)}`),
    ...rows.map(({ label, tokens }) => `${indent}${label.padEnd(width)}  ${tokens.padStart(right)}`),
  ];
}

/**
 * Text for a log that GitHub Actions reads. The name of a server or a file may look like a workflow command, and must not
 * become one. GitHub's runner takes `::` at a line's start and `##[` anywhere.
 */
export function withoutCommands(text: string): string {
  return text.replaceAll(/^(\s*)::/gm, "$1: :").replaceAll("##[", "## [");
}
