import { stripTypeScriptTypes } from "node:module";
import { expect, test } from "vitest";
import { isBenchError, type ToolDefinition } from "../../../contract/index.ts";
import { buildTree, wrapperText } from "./tree.ts";

const tool = (server: string, name: string, rest: Partial<ToolDefinition> = {}): ToolDefinition => ({
  server,
  name,
  description: "Does it.",
  inputSchema: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
  ...rest,
});

test("a wrapper has the tool's description, its input and output types and one call", () => {
  const outputSchema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
  expect(wrapperText(tool("shop", "get_item", { outputSchema }))).toMatchInlineSnapshot(`
    "/** Does it. */
    export const get_item = (input: {
      id: string;
    }): Promise<{
      text: string;
    }> =>
      callTool("shop", "get_item", input);
    "
  `);
});

test("a tool without an output schema returns its text, one without required properties needs no input", () => {
  const optional = wrapperText(tool("shop", "list", { inputSchema: { type: "object", properties: { id: { type: "string" } } } }));
  expect(optional).toContain("} = {}): Promise<string>");
  expect(wrapperText(tool("shop", "ping", { inputSchema: { type: "object" } }))).toContain(
    '= (): Promise<string> =>\n  callTool("shop", "ping", {});',
  );
});

test("every wrapper is TypeScript that strips to JavaScript, whatever a server calls its tools", () => {
  const names = ["a b", "délai", "delete", "x'); hacked('", "`", "</script>"];
  for (const name of names)
    expect(() => stripTypeScriptTypes(wrapperText(tool("s", name, { description: "*/ evil" })))).not.toThrow();
});

test("two tools that would share a file are refused by name", () => {
  let error: unknown;
  try {
    buildTree([tool("s", "a-b"), tool("s", "A_b")]);
  } catch (thrown) {
    error = thrown;
  }
  expect(isBenchError(error, "TOOL_NAMES")).toBe(true);
  expect(String(error)).toContain("s__a-b and s__A_b");
});

test("two servers whose instructions would share a file are refused by name", () => {
  const readmes = ["a b", "a_b"].map((server) => ({ server, text: "Text." }));
  expect(() => buildTree([], "javascript", readmes)).toThrow("a b's instructions and a_b's instructions");
});

test("a server's name cannot leave the tree", () => {
  expect([...buildTree([tool("..", "x"), tool("../etc", "y")]).keys()]).toEqual(["servers/_../x.ts", "servers/.._etc/y.ts"]);
});
