/** For GitHub Actions: annotations as workflow commands, and a step summary in Markdown. */
import { markdownText, terminalText } from "../../../reports/escape.ts";
import { type Check, type CheckStatus, counted, type GateReport } from "../report.ts";
import { findings, verdict, whyRows } from "./wording.ts";

const commands: { readonly [S in CheckStatus]: string | undefined } = {
  failed: "error",
  warning: "warning",
  notice: "notice",
  passed: undefined,
};

/**
 * One line for each check that did not simply pass. The lines name no place in a file: what grew is seldom where the budget is.
 *
 * Source of the escaping: docs.github.com, workflow commands, and the runner's own table (%, carriage return, line feed;
 * in properties also colon and comma).
 */
export function githubAnnotations({ checks }: GateReport): string {
  return checks
    .flatMap((check) => {
      const command = commands[check.status];
      if (command === undefined) return [];
      const why = check.why.flatMap(whyRows).map(({ depth, label, tokens }) => `${"  ".repeat(depth)}${label} ${tokens}`);
      const text = [...findings(check), ...why].map(terminalText).join("\n");
      return [`::${command} title=${property(`${titles[check.about]}: ${terminalText(check.name)}`)}::${data(text)}\n`];
    })
    .join("");
}

const titles: { readonly [A in Check["about"]]: string } = { run: "Run", budget: "Budget", baseline: "Baseline" };

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** The checks that did not simply pass, as a table, then why. */
export function githubSummary(report: GateReport): string {
  const shown = report.checks.filter(({ status, about }) => status !== "passed" || about === "budget");
  const rows = shown.map(
    (check) =>
      `| ${check.status} | ${markdownText(`${titles[check.about]}: ${check.name}`)} | ${findings(check).map(markdownText).join("<br>")} |`,
  );
  const why = shown
    .filter((check) => check.why.length > 0)
    .flatMap((check) => [
      `**${markdownText(check.name)}**`,
      "",
      "| tokens | cause | tool or block |",
      "|---:|---|---|",
      ...check.why.flatMap(whyRows).map(({ depth, label, tokens }) => {
        const text = markdownText(label);
        return `| ${tokens} | ${depth === 2 ? "" : depth === 0 ? `**${text}**` : text} | ${depth === 2 ? text : ""} |`;
      }),
      "",
    ]);
  return `${[
    "### Token gate",
    "",
    `${report.passed ? "✅" : "❌"} ${verdict(report)} ${counted(report.records, "record")} of ${counted(report.plannedCells, "planned cell")}.`,
    "",
    ...(rows.length === 0 ? [] : ["| | check | found |", "|---|---|---|", ...rows, ""]),
    ...why,
  ].join("\n")}\n`;
}
