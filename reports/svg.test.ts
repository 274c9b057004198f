import { describe, expect, test } from "vitest";
import type { CellRecord, ReportView } from "../contract/index.ts";
import { claimedRun, codeRecord, directRecord, goodRecords, ledgerOf, runOf } from "../testing/records.ts";
import { svgReporter } from "./svg.ts";
import { terminalReporter } from "./terminal/terminal.ts";

const file: ReportView = { columns: 80, colours: false, notes: [] };

test("SVG shows both bars of a block, and nothing in a record becomes markup", () => {
  const hostile = { scenario: "<script>alert(1)</script>", params: { 'on"load': "'x'&" } };
  const text = svgReporter.render(runOf(), [directRecord(hostile), codeRecord(hostile)], file);
  expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(text).not.toMatch(/<script|on"load/);
  expect(text.match(/height="14"/g)?.length).toBeGreaterThanOrEqual(2);
  expect(svgReporter.render(runOf(), [], file)).toContain("</svg>");
});

describe("the picture", () => {
  const picture = (records: readonly CellRecord[], run = runOf()) => svgReporter.render(run, records, file);

  test.for([
    { more: 0, shown: "90.0%" },
    { more: 103_200, shown: "-942.0%" },
  ])("says $shown as the table does, and calls it the reduction", ({ more, shown }) => {
    const records = [directRecord(), codeRecord({}, more)];
    expect(picture(records)).toContain(`>${shown}</text>`);
    expect(picture(records)).toContain(">reduction</text>");
    expect(terminalReporter.render(runOf(), records, file)).toMatch(new RegExp(`peak context, tokens .* ${shown}`));
  });

  test("has the bars of the median, which its numbers are too", () => {
    const records = [directRecord({ seed: 1 }), directRecord({ seed: 2 }, 501), codeRecord({ seed: 1 })];
    const text = picture(records);
    expect(text).toContain(">10,250.5</text>");
    // 1.2 windows of 1,000,000 tokens are 510 wide: 9,250.5 tokens of results.
    expect(text).toContain('width="3.93" height="14" fill="#e69f00"');
  });

  test("has a colour of its own for framing and for instructions", () => {
    const ledgers = [ledgerOf({ toolDefinitions: 1000, framing: 50_000, instructions: 60_000, prompt: 700 }, { answer: 100 })];
    const fills = [...picture([directRecord({}, 0, { ledgers }), codeRecord()]).matchAll(/height="14" fill="(#\w+)"/g)];
    expect(new Set(fills.slice(0, 4).map(([, fill]) => fill)).size).toBe(4);
    expect(picture([])).toMatch(/>instructions<.*>framing</s);
  });

  test("has the window of the claim's date beside the run's", () => {
    const text = picture(goodRecords, claimedRun);
    expect(text).toContain("window of claude-sonnet-5.5: 1,000,000");
    expect(text).toContain("window of claude-sonnet-4.5: 200,000");
    expect(text).toContain(">(claim)</text>");
  });

  test("has one line for windows of one size, which would run through the other's name", () => {
    const profile = { ...claimedRun.profiles.model, contextWindowTokens: 200_000 };
    const text = picture(goodRecords, { ...claimedRun, profiles: { ...claimedRun.profiles, model: profile } });
    expect(text).toContain("window of claude-sonnet-5.5 and claude-sonnet-4.5: 200,000");
    expect(text.match(/<line /g)).toHaveLength(1);
  });
});
