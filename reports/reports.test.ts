import { expect, test } from "vitest";
import { type CellKey, type CellRecord, RECORD_SCHEMA_VERSION, type ReportView } from "../contract/index.ts";
import { codeRecord, directRecord, goodRecords, ledgerOf, runOf } from "../testing/records.ts";
import { csvReporter } from "./csv.ts";
import { jsonReporter } from "./json.ts";
import { markdownReporter } from "./markdown.ts";
import { reporterRegistry } from "./registry.ts";
import { svgReporter } from "./svg.ts";
import { terminalReporter } from "./terminal/terminal.ts";

const file: ReportView = { columns: 80, colours: false, notes: [] };
const reporters = await Promise.all(reporterRegistry.ids.map((id) => reporterRegistry.load(id)));

/** What a server or a guest might send to be shown. */
const hostile = "\u001b[31mred\u0007\r\nnext | <img src=x> `tick` [a](b) \u202eabc";

function hostileRecords(): readonly CellRecord[] {
  const { measured: _, ...played } = codeRecord({ scenario: hostile, params: { "=cmd": "=1+1" } });
  return [
    { ...played, status: "failed", checks: [{ id: "=check", passed: false, detail: hostile }] },
    {
      schemaVersion: RECORD_SCHEMA_VERSION,
      machine: "m1",
      key: codeRecord().key,
      status: "harness-error",
      code: "x",
      message: "=HYPERLINK(1)",
    },
  ];
}

const unfitting = (): readonly CellRecord[] => [
  directRecord({}, 0, { ledgers: [ledgerOf({ toolResults: 300_000 }, { answer: 100 }, { exceedsWindowAt: 1 })] }),
  codeRecord(),
];

test("every reporter writes a file of its own", () => {
  expect(new Set(reporters.map(({ fileName }) => fileName)).size).toBe(reporters.length);
});

test.for(reporters)("$id gives the same bytes for the same records, and works without any", (reporter) => {
  expect(reporter.render(runOf(), goodRecords, file)).toBe(reporter.render(runOf(), goodRecords, file));
  expect(reporter.render(runOf(), [], file)).not.toBe("");
});

test("every row of the short table and of the picture has a name: one block of its scenario, and one whose flag is off", () => {
  const pair = (changes: Partial<CellKey>) => [directRecord(changes), codeRecord(changes)];
  const flags = [false, true].flatMap((serverQuery) => pair({ params: { rows: 9, serverQuery } }));
  const records = [...flags, ...pair({ scenario: "slack-polling", params: { polls: 2 }, tools: null })];
  const short = terminalReporter.render(runOf(), records, file).split("In short")[1] ?? "";
  const rows = [...short.matchAll(/^ {2}(.*?) +[\d,]+ +[\d,]+ +\S+%/gm)].map(([, name]) => name?.trim());
  expect(rows).toEqual(["serverQuery=false", "serverQuery", "slack-polling"]);
  for (const name of rows) expect(svgReporter.render(runOf(), records, file)).toContain(`>${name}</text>`);
});

test("one cell and one tool stand in the singular, and the counter is named where nothing is compared", () => {
  const run = runOf({
    plannedCells: 1,
    catalogueServers: [{ name: "a", version: "1", protocol: "p", tools: 1, refused: { tools: 0, examples: [] } }],
  });
  const text = terminalReporter.render(run, [directRecord()], file);
  expect(text).toContain("\n1 cell played, all passed\n");
  expect(text).toContain("protocol p: 1 tool.");
  expect(text).toContain("Tokens are counted with o200k_base json;");
});

test("the terminal report at 60 columns", () => {
  expect(terminalReporter.render(runOf(), goodRecords, { ...file, columns: 60 })).toMatchInlineSnapshot(`
    "mcp-code-bench 20251121-093000
    9 cells played, all passed
    direct = direct-tool-call; reduction = 1 - code/direct,
    median over seeds

    sheet-filter
      rows=1000, serverQuery=false; own tools
      code = code-execution, policy minimal, on quickjs

                                direct     code  reduction
      peak context, tokens      10,500    1,000      90.0%
      billed input, tokens      21,000    2,000      90.0%
      billed output, tokens        500      500         0%
      billed in all, tokens     21,500    2,500      87.8%
      cost without cache       $0.0675  $0.0135      80.0%
      cost, cold cache         $0.0500  $0.0125      75.0%
      cost, warm cache         $0.0400  $0.0120      70.0%
      model turns                    2        4    -100.0%
      tool calls                    10       10
      modelled, 0 ms/call       12.0 s   14.0 s     -16.7%
      modelled, 300 ms/call     15.0 s   14.3 s       4.7%
      modelled, 1,000 ms/call   22.0 s   15.0 s      31.8%
      played here in           8.00 ms  20.0 ms
      sandbox opened in                 5.00 ms
      fits the window              yes      yes
      cells passed                 3/3      3/3
      reduction over 3 seeds: peak context 89.5% to 90.9%,
      billed 87.4% to 88.9%

    Where the tokens went
      Billed tokens by cause; each column adds up to its median
      over seeds.

                         direct   code
      sheet-filter
        toolResults      19,000      0
        toolDefinitions   2,000      0
        codeOutput            0  1,000
        discovery             0    600
        toolCalls           400      0
        system                0    400
        code                  0    400
        all else            100    100

    Bounds of the reduction
      Over policies, output schemas, parameters, sandboxes,
      seeds, counters, serialisations and, for cost, caching.

                                                 lowest  highest
      sheet-filter code-execution, peak context   80.0%    90.9%
      sheet-filter code-execution, billed tokens
                                                  78.0%    89.3%
      sheet-filter code-execution, cost           70.0%    80.0%

    Not robust
      No choice that was tried turns the sign of a reduction of
      peak context, billed tokens or warm-cache cost. One at a
      time: each seed, counter, serialisation and model profile,
      no framing, and each policy and choice of output schemas
      that was played. Policies and output schemas that are not
      compared were played on seed 1 with own tools only.

    Other policies and output schemas

      reduction           peak  billed   cost
      sheet-filter
        as compared      90.0%   87.8%  70.0%
        policy thorough  80.0%   78.0%  70.0%

    Sensitivity to the counter

      reduction          peak context  billed      over seeds
      sheet-filter
        o200k_base json         90.0%   87.8%  87.4% to 88.9%
        o200k_base raw          90.0%   88.2%  87.9% to 89.3%

    Controls
      self: passed
        The same cell against itself reduces every measure by
        exactly 0. 1 pair, largest reduction 0% (sheet-filter).
      echo: passed
        A program that prints every tool result in full puts at
        least as much data into the context as direct calls. 1
        pair, smallest share of the data printed 101.1%
        (sheet-filter).

    Without framing
      Without the provider's own tool-use prompt: 300 tokens in
      each request with tools, in the provider's tokens, added
      unchanged under every counter.

                    direct  code   peak  billed   cost
      sheet-filter  10,200   700  92.8%   90.5%  70.8%

    In short
      Peak context in tokens; reductions of it, of all billed
      tokens, and of the cost with a warm cache.

                    direct   code   peak  billed   cost
      sheet-filter  10,500  1,000  90.0%   87.8%  70.0%

    Notes
      - Skipped: sandbox gvisor: runtime "runsc" not found. Run
        npm run setup:sandboxes.
      - Scripted runs measure what a conversation costs and how
        a runtime behaves. They say nothing about whether a
        model would write that program.
      - Tokens are counted with o200k_base json; also counted:
        o200k_base raw. Every public counter is an estimate for
        Claude.
      - n = 3 seeds x 1 repetition. Tokens are deterministic for
        a seed: medians are over seeds, with the lowest and
        highest. Only measured times have intervals (95%,
        bootstrap, from 6 samples).
      - Prices, window and framing: claude-sonnet-5.5,
        2026-11-21; framing 300 tokens a request with tools (the
        provider's own tool-use prompt, in its tokens, added
        unchanged under every counter). Modelled times: speed
        assumed, 2025-11-04; tool latency assumed, 2025-11-04.
        "Played here" is measured, without a model: mock servers
        answer at once.
      - Measured on Node v24.0.0, linux x64, Test CPU x 2, 8.0
        GiB; mock servers in the harness's memory.
      - Versions: mcp-code-bench 0.1.0, sandbox quickjs
        quickjs-wasi 3.6.2, counter o200k_base tiktoken 1.0.22.
    "
  `);
});

test.for([60, 80, 120, 200])("no line of the terminal report is longer than %i columns", (columns) => {
  const long = codeRecord({ scenario: "a".repeat(90), params: { name: "b ".repeat(60) } });
  const records = [...goodRecords, ...unfitting(), long, directRecord({ scenario: "a".repeat(90), params: long.key.params })];
  const lines = terminalReporter.render(runOf(), [...records, ...hostileRecords()], { ...file, columns }).split("\n");
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
});

test("the terminal report has colours only where they are wanted, and the same words", () => {
  const plain = terminalReporter.render(runOf(), goodRecords, file);
  const coloured = terminalReporter.render(runOf(), goodRecords, { ...file, colours: true });
  expect(plain).not.toContain("\u001b");
  expect(coloured).toContain("\u001b[1m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing the colours is the point
  expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain);
});

test("a reduction against a cell that does not fit is marked wherever it stands, and explained", () => {
  for (const reporter of [terminalReporter, markdownReporter]) {
    const text = reporter.render(runOf(), unfitting(), file).replaceAll("\\*", "*").replaceAll(/\s+/g, " ");
    const reductions = [...text.matchAll(/99\.\d%\*?/g)].map(([found]) => found);
    expect(reductions.length).toBeGreaterThan(4);
    expect(reductions.filter((found) => !found.endsWith("*"))).toEqual([]);
    expect(text).toContain("* A conversation behind this figure does not fit claude-sonnet-5.5's window of 1,000,000 tokens");
  }
});

test.for([terminalReporter, markdownReporter])(
  "$id prints what a scripted run cannot tell, the counter, n and what was skipped",
  (reporter) => {
    const text = reporter.render(runOf(), goodRecords, file).replaceAll(/\s+/g, " ").replaceAll("\\", "");
    expect(text).toContain("They say nothing about whether a model would write that program.");
    expect(text).toContain(
      "Tokens are counted with o200k_base json; also counted: o200k_base raw. Every public counter is an estimate",
    );
    expect(text).toContain("n = 3 seeds x 1 repetition.");
    expect(text).toContain('sandbox gvisor: runtime "runsc" not found. Run npm run setup:sandboxes.');
  },
);

test.for([terminalReporter, markdownReporter])("$id shows the caller's notes", (reporter) => {
  expect(reporter.render(runOf(), [], { ...file, notes: ["Interrupted: 1 of 8."] })).toContain("Interrupted: 1 of 8");
});

test("a control character never reaches the terminal, the Markdown or the CSV", () => {
  for (const reporter of [terminalReporter, markdownReporter, csvReporter]) {
    const text = reporter.render(runOf({ runId: hostile }), hostileRecords(), { ...file, notes: [hostile] });
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  }
});

test("Markdown from a record is shown, not rendered", () => {
  const text = markdownReporter.render(runOf({ runId: hostile }), hostileRecords(), file);
  const [title] = text.split("\n");
  expect(title).toBe(
    "# mcp-code-bench \\\\u001b\\[31mred\\\\u0007 / next \\| &lt;img src=x&gt; \\`tick\\` \\[a\\](b) \\\\u202eabc",
  );
  expect(text.split("\n").filter((line) => line.startsWith("- 1 x"))).toMatchInlineSnapshot(`
    [
      "- 1 x \\\\u001b\\[31mred\\\\u0007 / next \\| &lt;img src=x&gt; \\\`tick\\\` \\[a\\](b) \\\\u202eabc, code-execution, policy minimal, on quickjs, =cmd==1+1, e.g. seed 1: failed: \`\`=check: \\u001b[31mred\\u0007 / next \\| <img src=x> \`tick\` [a](b) \\u202eabc\`\`",
      "- 1 x sheet-filter, code-execution, policy minimal, on quickjs, rows=1000, serverQuery=false, e.g. seed 1: harness-error: \`=HYPERLINK(1)\`",
    ]
  `);
});

test("a Markdown table row has as many cells as its head, whatever is in them", () => {
  const records = [
    directRecord({ scenario: "a|b", params: { p: "x|y\n" } }),
    codeRecord({ scenario: "a|b", params: { p: "x|y\n" } }),
  ];
  const rows = markdownReporter.render(runOf(), records, file).split("\n");
  const cells = (row: string) => row.replaceAll("\\|", "").split("|").length;
  let head = 0;
  for (const row of rows) {
    if (!row.startsWith("|")) head = 0;
    else if (head === 0) head = cells(row);
    else expect([row, cells(row)]).toEqual([row, head]);
  }
});

test("JSON is one document with the run, the notes and the summary", () => {
  const document: unknown = JSON.parse(jsonReporter.render(runOf(), goodRecords, { ...file, notes: ["a note"] }));
  expect(document).toMatchObject({
    run: runOf(),
    notes: ["a note"],
    summary: { cells: { passed: 9 }, blocks: [{ scenario: "sheet-filter" }] },
  });
});
