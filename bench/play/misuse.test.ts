import { expect, test } from "vitest";
import type { Shown, ToolUseBlock } from "../../contract/index.ts";
import { misuses } from "./misuse.ts";

const schema = {
  type: "object",
  properties: { rows: { type: "integer" }, name: { type: "string", pattern: "^(a+)+$" } },
  required: ["rows"],
};
const shown: Shown = {
  system: [],
  tools: [
    { name: "read", description: "", input_schema: schema },
    { name: "odd", description: "", input_schema: { type: "no such type" } },
  ],
};
const use = (input: unknown, name = "read", id = "1") => ({ type: "tool_use", id, name, input }) as ToolUseBlock;

test.each([
  ["an unknown tool", use({}, "write"), 'There is no tool "write". Use a tool that you were given.'],
  ["text for an object", use("rows"), `The input of "read" cannot be used: it is not an object.`],
  ["a list for an object", use([1]), `The input of "read" cannot be used: it is not an object.`],
  ["nothing for an object", use(null), `The input of "read" cannot be used: it is not an object.`],
  ["a missing field", use({}), `The input of "read" cannot be used: data must have required property 'rows'.`],
  ["a wrong type", use({ rows: "two" }), `The input of "read" cannot be used: data/rows must be integer.`],
])("%s is said in a sentence", (_, block, said) => {
  expect(misuses()(block, shown)).toBe(said);
});

test("a use that fits has nothing wrong, and what a schema of no known kind asks is left to its server", () => {
  expect(misuses()(use({ rows: 2 }), shown)).toBeUndefined();
  expect(misuses()(use({ rows: "two" }, "odd"), shown)).toBeUndefined();
});

test("an id is used once in a conversation, whatever became of its first use", () => {
  const misuse = misuses();
  misuse(use({}, "write"), shown);
  expect(misuse(use({ rows: 1 }), shown)).toBe('The id "1" was used before. Give each tool use an id of its own.');
  expect(misuse(use({ rows: 1 }, "read", "2"), shown)).toBeUndefined();
});

test("a sentence is short, however long what it quotes, and a schema that takes for ever to check is left", () => {
  for (const block of [
    use({}, "w".repeat(1e6)),
    use({ rows: 1, ["k".repeat(1e6)]: 1, name: 5 }),
    use({ rows: 1 }, "read", "i".repeat(1e6)),
  ]) {
    const misuse = misuses();
    misuse(block, shown);
    expect(String(misuse(block, shown)).length).toBeLessThan(500);
  }
  const slow = misuses()(use({ rows: 1, name: `${"a".repeat(40)}!` }), shown);
  expect(slow).toBe(
    `The input of "read" cannot be used: it could not be checked against the tool's input schema within 1000 ms.`,
  );
});
