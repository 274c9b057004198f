import { expect, test } from "vitest";
import { refusedTools } from "./tool-names.ts";

const refused = (...names: string[]) =>
  refusedTools(names.map((name) => ({ server: "s", name, description: "", inputSchema: { type: "object" } })));

test("letters, digits, _ and - are accepted, up to 128 characters with the server's name", () => {
  expect(refused("a", "A-b_9", "x".repeat(125))).toEqual({ tools: 0, examples: [] });
});

test("anything else is refused, and three are shown", () => {
  expect(refused("a.b", "fine", "a b", "é", "a\n", "/")).toEqual({ tools: 5, examples: ["s__a.b", "s__a b", "s__é"] });
});

test("a name that is too long is refused, and cut where it is shown", () => {
  expect(refused("x".repeat(126)).examples).toEqual([`s__${"x".repeat(126)}`]);
  expect(refused("😀".repeat(1_000_000)).examples[0]).toMatch(/^s__(?:😀)+\uFFFD\.\.\.$/u);
});
