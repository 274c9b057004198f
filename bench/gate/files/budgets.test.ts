import { describe, expect, test } from "vitest";
import { parseBudgets } from "./budgets.ts";

describe("a budget file", () => {
  const good = { scenario: "a", mode: "b", measure: "peakContext", limit: "40 k" };
  const parse = (value: unknown) => parseBudgets(typeof value === "string" ? value : JSON.stringify(value), "budgets.json");

  test("is understood with everything that it may say", () => {
    const full = {
      ...good,
      params: { rows: 5 },
      tools: "own",
      policy: "minimal",
      outputSchemas: "none",
      sandbox: "quickjs",
      counter: "c",
      serialisation: "raw",
    };
    expect(parse({ $schema: "x", budgets: [full] })).toEqual([
      { ...full, measure: undefined, limit: 40_000, limitText: "40 k", of: { kind: "tokens", measure: "peakContext" } },
    ]);
  });

  test.each([
    ["{", "budgets.json: not valid JSON. Write {"],
    [{}, "budgets.json: budgets: "],
    [{ budgets: [] }, "budgets.json: budgets: "],
    [{ budgets: [{ ...good, limit: undefined }] }, "budgets.json: budgets.0.limit: "],
    [
      { budgets: [good, { ...good, limit: "40 kb" }] },
      'budgets.json: budgets.1.limit: "40 kb" is not a limit for peakContext. Give whole tokens',
    ],
    [
      { budgets: [{ ...good, measure: "peakContxt" }] },
      'unknown measure "peakContxt". Did you mean "peakContext"? Measures: peakContext,',
    ],
    [
      { budgets: [{ ...good, tool: 5 }] },
      'budgets.json: budgets.0: unknown field "tool". Did you mean "tools"? Fields: scenario,',
    ],
    [{ budgets: [{ ...good, tools: 0 }] }, "budgets.json: budgets.0.tools: "],
    [{ budgets: ["x"] }, "budgets.json: budgets.0: "],
  ])("%j is an error that names the place and the fix", (value, message) => {
    expect(() => parse(value)).toThrow(message);
  });
});
