import { describe, expect, test } from "vitest";
import { parseBudgets } from "./budgets.ts";
import { parseLimit } from "./limits.ts";

describe("a limit", () => {
  test.each([
    ["40 k", "tokens", 40_000],
    ["40k", "tokens", 40_000],
    ["1.5 M", "tokens", 1_500_000],
    ["1.1 k", "tokens", 1100],
    ["41,250", "tokens", 41_250],
    [41_250, "tokens", 41_250],
    ["0", "tokens", 0],
    ["200 ms", "ms", 200],
    ["2 s", "ms", 2000],
    ["0%", "percent", 0],
    ["99.5 %", "percent", 99.5],
  ] as const)("%j of %s is %d", (text, unit, value) => {
    expect(parseLimit(text, unit)).toBe(value);
  });

  test.each([
    ["1.2345 k", "tokens"],
    ["-5", "tokens"],
    [1.5, "tokens"],
    ["1,5 k", "tokens"],
    ["40 kb", "tokens"],
    ["", "tokens"],
    ["1e3", "tokens"],
    ["200 ms", "tokens"],
    ["5", "percent"],
    ["101%", "percent"],
    ["2 h", "ms"],
    ["constructor", "tokens"],
  ] as const)("%j is no limit in %s, and the answer says what is", (text, unit) => {
    expect(parseLimit(text, unit)).toMatchObject({ fix: expect.stringContaining("Give") });
  });
});

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
