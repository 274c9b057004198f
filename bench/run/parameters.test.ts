import { expect, test } from "vitest";
import { z } from "zod";
import type { Scenario } from "../../contract/index.ts";
import { parameterSets } from "./parameters.ts";

const params = z.strictObject({
  rows: z.int().min(1).max(100).default(10).describe("Rows"),
  query: z.boolean().default(false).describe("Query"),
});
const sheet = { id: "sheet", params, variants: [{}, { query: true }] } as unknown as Scenario;
const other = { id: "other", params: z.strictObject({ polls: z.int().default(3) }), variants: [{}] } as unknown as Scenario;

const sets = (...given: string[]) => Object.fromEntries(parameterSets([sheet, other], given));

test("without parameters each scenario plays its variants", () => {
  expect(sets()).toEqual({
    sheet: [
      { rows: 10, query: false },
      { rows: 10, query: true },
    ],
    other: [{ polls: 3 }],
  });
});

test("a parameter is laid over the variants of the scenarios that have it", () => {
  expect(sets("rows=5")).toEqual({
    sheet: [
      { rows: 5, query: false },
      { rows: 5, query: true },
    ],
    other: [{ polls: 3 }],
  });
});

test("naming what the variants vary replaces them", () => {
  expect(sets("query=true").sheet).toEqual([{ rows: 10, query: true }]);
});

test("a name given twice makes a grid", () => {
  expect(sets("rows=1", "rows=2", "query=false").sheet).toEqual([
    { rows: 1, query: false },
    { rows: 2, query: false },
  ]);
});

test.each([
  ["rows=101", "rows"],
  ["rows=ten", "rows"],
  ["rows=1.5", "rows"],
  ["query=maybe", "query"],
  ["rows", "--param name=value"],
  ["=3", "--param name=value"],
  ["row=3", 'Did you mean "rows"?'],
])("%s is refused, and the message names %s", (given, named) => {
  expect(() => sets(given)).toThrow(named);
});
