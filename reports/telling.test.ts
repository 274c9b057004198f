/** Which subjects and ways the reports show, in which order and under which names. */
import { describe, expect, test } from "vitest";
import type { CellRecord, ReportView } from "../contract/index.ts";
import { claimedRun, codeRecord, directRecord, goodRecords, ledgerOf, runOf } from "../testing/records.ts";
import { markdownReporter } from "./markdown.ts";
import { svgReporter } from "./svg.ts";
import { terminalReporter } from "./terminal/terminal.ts";

const file: ReportView = { columns: 80, colours: false, notes: [] };

describe("the tables of causes and counters", () => {
  const subject = (scenario: string, tools: number | null, more = 0, turned: readonly string[] = []): readonly CellRecord[] => [
    directRecord({ scenario, tools }, more),
    codeRecord({ scenario, tools }),
    ...turned.map((choice) => codeRecord({ scenario, tools, policy: choice as "repair", role: "bound" }, 20_000 + more)),
  ];
  const records = [
    ...subject("a-large", null, 500_000),
    ...subject("b-moves", null, 0, ["repair"]),
    ...subject("c-moves-more", null, 0, ["repair", "thorough"]),
    ...subject("d-moves", null, 0, ["repair"]),
    ...subject("sheet-filter", null),
    ...subject("sheet-filter", 400),
  ];
  /** The lines that name a subject in one section. */
  const named = (text: string, title: string) => {
    const section = text
      .slice(text.indexOf(`\n${title}\n`))
      .split("\n")
      .slice(2);
    return section
      .slice(
        0,
        section.findIndex((line) => /^\S/.test(line)),
      )
      .filter((line) => /^ {2}[a-d]-|^ {2}sheet/.test(line))
      .map((line) => line.trim());
  };

  test("show the claim's workflow first, with most tools, then what moves most; three in a terminal", () => {
    const text = terminalReporter.render(claimedRun, records, file);
    const three = ["sheet-filter, 400 tools (claim)", "c-moves-more", "b-moves"];
    expect(named(text, "Where the tokens went")).toEqual(three);
    expect(named(text, "Sensitivity to the counter")).toEqual(three);
  });

  test("show all of them in Markdown", () => {
    const text = markdownReporter.render(claimedRun, records, file);
    const causes = text.slice(text.indexOf("## Where the tokens went"), text.indexOf("## Bounds"));
    expect([...causes.matchAll(/^([a-z-]+), .*\. code = /gm)].map(([, name]) => name)).toEqual([
      "sheet-filter",
      "c-moves-more",
      "b-moves",
      "d-moves",
    ]);
    const rows = text
      .slice(text.indexOf("## Sensitivity"))
      .split("\n")
      .filter((line) => line.includes("| json |"));
    expect(rows.map((row) => row.slice(2, row.indexOf(",")))).toEqual([
      ...["sheet-filter", "c-moves-more", "b-moves", "d-moves"],
      ...["a-large", "sheet-filter"],
    ]);
  });

  test("show the largest where nothing moves and nothing is claimed", () => {
    const still = [...subject("a-small", null), ...subject("b-large", null, 5000)];
    expect(named(terminalReporter.render(runOf(), still, file), "Where the tokens went")).toEqual(["b-large"]);
  });

  test("add up to what is billed, small causes in one row", () => {
    const input = { system: 1, toolDefinitions: 800, framing: 700, instructions: 2, prompt: 3, narration: 4, toolResults: 600 };
    const output = { toolCalls: 500, answer: 5, thinking: 400, handoff: 300 };
    const text = terminalReporter.render(
      runOf(),
      [directRecord({}, 0, { ledgers: [ledgerOf(input, output)] }), codeRecord()],
      file,
    );
    const section = text.slice(text.indexOf("Where the tokens went"), text.indexOf("Bounds of"));
    const baseline = [...section.matchAll(/^ {4}(.*?) {2,}([\d,]+) {2,}[\d,]+$/gm)];
    expect(baseline).toHaveLength(8);
    expect(baseline.at(-1)?.[1]).toBe("all else");
    expect(baseline.reduce((sum, [, , tokens = ""]) => sum + Number(tokens.replaceAll(",", "")), 0)).toBe(2 * 2110 + 1205);
  });
});

describe("a way", () => {
  const controlled = runOf({ selected: { ...runOf().selected, sandboxes: [{ id: "subprocess", control: true }] } });
  const records = [directRecord(), codeRecord({ sandbox: "subprocess", outputSchemas: "none" })];

  test("names its policy, output schemas that are not the real ones, and that it is a control", () => {
    const way = "code-execution, policy minimal, output schemas none, on subprocess (a control)";
    for (const reporter of [terminalReporter, markdownReporter]) {
      expect(reporter.render(controlled, records, { ...file, columns: 120 })).toContain(way);
    }
  });

  test("that is a control is called so in the short table and in the picture, where it stands alone", () => {
    expect(terminalReporter.render(controlled, records, file)).toContain("sheet-filter (a control)  10,000");
    expect(svgReporter.render(controlled, records, file)).toContain(">(a control)</text>");
  });

  test("beside the one that leads has a line; cells that only bound the figures do not", () => {
    const compared = [...goodRecords, codeRecord({ policy: "repair" }, 20_000), codeRecord({ policy: "readme", role: "bound" })];
    const terminal = terminalReporter.render(runOf(), compared, file).replaceAll(/ +/g, " ");
    expect(terminal).toContain(" policy repair, on quickjs 21,000 -110.0%~ -107.3%~ 20.0 ms");
    expect(terminal).not.toContain(" policy readme, on");
    const markdown = markdownReporter.render(runOf(), compared, file).replaceAll("\\", "");
    expect(markdown).toContain("| code-execution, policy repair, on quickjs | 1/1 | 21,000 | -110.0%~ | 42,500 | -107.3%~ |");
    expect(markdown).not.toContain("| code-execution, policy readme");
  });
});
