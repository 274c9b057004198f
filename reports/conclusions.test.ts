/** What a report concludes, and all that puts a conclusion in doubt or shows it under other facts. */
import { describe, expect, test } from "vitest";
import type { ReportView } from "../contract/index.ts";
import { claimedRun, codeRecord, directRecord, goodRecords, ledgerOf, runOf } from "../testing/records.ts";
import { jsonReporter } from "./json.ts";
import { markdownReporter } from "./markdown.ts";
import { svgReporter } from "./svg.ts";
import { terminalReporter } from "./terminal/terminal.ts";

const file: ReportView = { columns: 80, colours: false, notes: [] };

describe("a conclusion that is not robust", () => {
  const records = [...goodRecords, codeRecord({ policy: "repair", role: "bound" }, 10_000)];
  const plain = (text: string) => text.replaceAll("\\", "").replaceAll(/\s+/g, " ");

  test("is marked in every report, and the mark is explained", () => {
    for (const reporter of [terminalReporter, markdownReporter, svgReporter]) {
      const text = plain(reporter.render(runOf(), records, file));
      expect(text).toContain("90.0%~");
      expect(text).not.toContain("70.0%~");
      expect(text).toMatch(/~ (Not robust: )?the sign/);
      expect(plain(reporter.render(runOf(), goodRecords, file))).not.toContain("%~");
    }
    const reductions: unknown = JSON.parse(jsonReporter.render(runOf(), records, file));
    expect(reductions).toMatchObject({
      summary: {
        blocks: [{ ways: [{ reductions: { peakContext: { robust: false }, warmUsd: { robust: true } } }] }],
        robustness: [{ measure: "peakContext", flips: [{ choice: "policy repair" }] }, {}, {}],
      },
    });
  });

  test("is marked together with a window that it does not fit", () => {
    const large = [ledgerOf({ toolResults: 300_000 }, { answer: 100 }, { exceedsWindowAt: 1 })];
    const unfit = [
      directRecord({}, 0, { ledgers: large }),
      codeRecord(),
      codeRecord({ policy: "repair", role: "bound" }, 400_000),
    ];
    expect(terminalReporter.render(runOf(), unfit, file)).toContain("99.7%~*");
  });

  test("is listed with each choice that turns it", () => {
    const terminal = plain(terminalReporter.render(runOf(), records, file));
    expect(terminal).toContain("sheet-filter peak context 90.0%~; 1 of 8 choices: policy repair -10.0%");
    expect(plain(markdownReporter.render(runOf(), records, file))).toContain(
      "| peak context | 90.0%~ | 1 of 8 | policy repair | -10.0% |",
    );
  });

  test("stands among everything else that was played, each in a line even where it turns no sign", () => {
    const terminal = plain(terminalReporter.render(runOf(), records, file));
    expect(terminal).toContain(
      "reduction peak billed cost sheet-filter as compared 90.0%~ 87.8%~ 70.0% policy repair -10.0% -9.8% 70.0% policy thorough 80.0% 78.0% 70.0% Sensitivity",
    );
    const markdown = plain(markdownReporter.render(runOf(), records, file));
    expect(markdown).toContain("own tools | policy thorough | 80.0% | 78.0% | 70.0% |");
    const compared = [directRecord(), codeRecord()];
    expect(terminalReporter.render(runOf(), compared, file)).not.toContain("Other policies");
    expect(markdownReporter.render(runOf(), compared, file)).not.toContain("Other policies");
  });

  test("says what was tried, and with which tools", () => {
    const about = (tools: readonly (number | null)[], bounds = true) =>
      plain(terminalReporter.render(runOf({ config: { ...runOf().config, tools, bounds } }), records, file));
    expect(about([null])).toContain("not compared were played on seed 1 with own tools only. sheet-filter");
    expect(about([400, null])).toContain("with own tools only. For other numbers of tools");
    expect(about([100, 400])).toContain("with 100 tools only. For other numbers of tools");
    expect(about([null], false)).toContain("Only the policies and output schemas that are compared were played (--no-bounds).");
  });

  test("where no choice turns a sign, the report says so", () => {
    for (const reporter of [terminalReporter, markdownReporter]) {
      expect(plain(reporter.render(runOf(), goodRecords, file))).toContain("No choice that was tried turns the sign");
    }
  });
});

describe("short tables", () => {
  const sections = (text: string) => text.split("\n\n").map((part) => part.split("\n")[0]);
  /** Direct does not fit the older model's window. */
  const tight = directRecord().restatements.map((one) => (one.framingTokens === 0 ? one : { ...one, exceedsWindowAt: 1 }));
  const records = [directRecord({}, 0, { restatements: tight }), codeRecord()];
  const terminal = terminalReporter.render(claimedRun, records, file);

  test("stand before the notes: without framing, under the profile of the claim's date, and last in short", () => {
    const titles = sections(terminal).filter((title) => /^[A-Z]/.test(title ?? ""));
    expect(titles.slice(-4)).toEqual(["Without framing", "Under claude-sonnet-4.5", "In short", "Notes"]);
    expect(sections(terminalReporter.render(runOf(), records, file))).not.toContain("Under claude-sonnet-4.5");
  });

  test("have the same rows, each under its own facts and marked by its own window", () => {
    const rows = terminal.split("\n").filter((line) => line.startsWith("  sheet-filter (claim)  "));
    expect(rows.map((row) => row.trim().split(/ {2,}/).slice(1))).toEqual([
      ["9,700", "700", "92.8%", "90.5%", "70.8%"],
      ["10,000", "1,000", "90.0%*", "87.8%*", "70.8%*"],
      ["10,000", "1,000", "90.0%", "87.8%", "70.0%"],
    ]);
  });

  test("say what framing is, and what the claim is, under both windows", () => {
    const text = terminal.replaceAll(/\s+/g, " ");
    expect(text).toContain(
      "Without the provider's own tool-use prompt: 300 tokens in each request with tools, in the provider's tokens, added unchanged under every counter.",
    );
    const claim =
      "Claim: 10 became 1. A paper, 2025-11-04. Its workflow, sheet-filter, own tools, peak context: 10,000 became 1,000 (90.0%) under claude-sonnet-5.5, window of 1,000,000 tokens; 10,000 became 1,000 (90.0%*) under claude-sonnet-4.5, the model of its date, window of 200,000 tokens.";
    expect(text).toContain(claim);
    expect(markdownReporter.render(claimedRun, records, file).replaceAll("\\", "")).toContain(claim);
  });

  test("are all in one table in Markdown, each profile with its framing and whether it fits", () => {
    const text = markdownReporter.render(claimedRun, records, file).replaceAll("\\", "");
    expect(text.split("\n").filter((line) => line.startsWith("| sheet-filter (claim) |"))).toEqual([
      "| sheet-filter (claim) | claude-sonnet-5.5 | 300 | 10,000 | 1,000 | 90.0% | 87.8% | 70.0% | yes |",
      "| sheet-filter (claim) | claude-sonnet-5.5 without framing | 0 | 9,700 | 700 | 92.8% | 90.5% | 70.8% | yes |",
      "| sheet-filter (claim) | claude-sonnet-4.5 | 346 | 10,000 | 1,000 | 90.0%* | 87.8%* | 70.8%* | NO |",
    ]);
  });

  test("say where framing is not known, and do not show it left out", () => {
    const unknown = records.map((record) => ({
      ...record,
      ledgers: record.ledgers.map((ledger) => ({ ...ledger, framingTokens: null })),
      restatements: record.restatements.map((one) => (one.framingTokens === 0 ? one : { ...one, framingTokens: null })),
    }));
    const text = terminalReporter.render(claimedRun, unknown, file).replaceAll(/\s+/g, " ");
    expect(text).toContain("Prices, window and framing: claude-sonnet-5.5, 2026-11-21; framing not documented: not counted.");
    expect(text).toContain("(* does not fit it), framing not documented: not counted.");
    expect(text).not.toContain("Without framing");
    expect(markdownReporter.render(claimedRun, unknown, file)).toContain("| not documented: not counted |");
  });

  test("name what is framing in the notes, once a request", () => {
    expect(terminal.replaceAll(/\s+/g, " ")).toContain("2026-11-21; framing 300 tokens a request with tools (the provider's own");
  });
});
