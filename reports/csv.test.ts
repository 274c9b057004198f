import { describe, expect, test } from "vitest";
import { type CellRecord, RECORD_SCHEMA_VERSION, type ReportView } from "../contract/index.ts";
import { codeRecord, directRecord, goodRecords, runOf } from "../testing/records.ts";
import { csvReporter } from "./csv.ts";

const file: ReportView = { columns: 80, colours: false, notes: [] };

/** Records without a ledger, or with text that a spreadsheet would act on. */
function formulas(): readonly CellRecord[] {
  const { measured: _, ...played } = codeRecord({ params: { "=cmd": "=1+1" } });
  return [
    { ...played, status: "failed", checks: [{ id: "=check", passed: false, detail: "differs" }] },
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

/** Of values without quotes or commas. */
function csvRows(records: readonly CellRecord[]): readonly { readonly [column: string]: string | undefined }[] {
  const plain = records.map((record) => ({ ...record, key: { ...record.key, params: {} } }));
  const [head = "", ...lines] = csvReporter.render(runOf(), plain, file).trimEnd().split("\n");
  return lines.map((line) => {
    const values = line.split(",");
    return Object.fromEntries(head.split(",").map((column, i) => [column, values[i]]));
  });
}

test("there is one row for each ledger, one for a record without any, and equal columns", () => {
  const lines = csvReporter
    .render(runOf(), [...goodRecords, ...formulas()], file)
    .trimEnd()
    .split("\n");
  const ledgers = goodRecords.flatMap((record) => (record.status === "passed" ? record.ledgers : []));
  expect(lines).toHaveLength(1 + ledgers.length + 2 + 1);
  expect(lines[0]?.split(",").slice(0, 22).join(",")).toBe(
    "schemaVersion,scenario,params,tools,model,mode,policy,outputSchemas,language,sandbox,seed,repetition,role,machine,status,counter,serialisation,primary,ledgerVersion,framingTokens,exceedsWindowAt,peakContext",
  );
});

describe("rows that are not primary", () => {
  const [primary = {}, raw = {}] = csvRows([directRecord()]);

  test("have the cost of their own tokens at the run's prices", () => {
    expect(primary).toMatchObject({ primary: "true", uncachedUsd: "0.0675", coldUsd: "0.05", warmUsd: "0.04" });
    // 20,000 input tokens at $3 and 400 output tokens at $15 a million, nothing cached.
    expect(raw).toMatchObject({ primary: "false", uncachedUsd: "0.066", coldUsd: "0.066", warmUsd: "0.066" });
  });

  test("have no modelled seconds: those were modelled from the primary's tokens", () => {
    const seconds = ["modelSeconds", "waitSeconds", "modelledSecondsAt0ms", "modelledSecondsAt300ms", "modelledSecondsAt1000ms"];
    expect(seconds.map((column) => primary[column])).toEqual(["12", "0", "12", "15", "22"]);
    expect(seconds.map((column) => raw[column])).toEqual(["", "", "", "", ""]);
  });

  test("have the cell's own facts like the primary", () => {
    const facts = ["turns", "toolCalls", "toolWaits", "playMs", "role", "policy", "outputSchemas", "framingTokens"];
    expect(facts.map((column) => raw[column])).toEqual(facts.map((column) => primary[column]));
    const [compared] = csvRows([codeRecord({ policy: "repair", outputSchemas: "none", role: "bound" })]);
    expect(compared).toMatchObject({ policy: "repair", outputSchemas: "none", role: "bound", framingTokens: "300" });
    expect(Object.keys(raw)).toEqual(expect.arrayContaining(["peakContext.framing", "billedInput.instructions"]));
  });
});

test("a spreadsheet is given no formula", () => {
  const text = csvReporter.render(runOf(), formulas(), file);
  expect(text).toContain("'=HYPERLINK(1)");
  expect(text).toContain("'=check");
  expect(text).not.toMatch(/(^|,|(?<!")")[=+@]/m);
});
