import { expect, test } from "vitest";
import { docComment, identifier, typeText } from "./typescript.ts";

test("an object keeps optional properties, nested objects, arrays, enums and descriptions", () => {
  const schema = {
    type: "object",
    properties: {
      id: { type: "string", description: "The record's id" },
      limit: { type: "integer", minimum: 1, maximum: 100, default: 20, description: "Page size" },
      status: { enum: ["open", "closed"] },
      rows: { type: "array", items: { type: "array", items: { type: "string" } } },
      who: { type: "object", properties: { "e-mail": { type: ["string", "null"] } }, required: ["e-mail"] },
    },
    required: ["id"],
  };
  expect(typeText(schema)).toMatchInlineSnapshot(`
    "{
      /** The record's id */
      id: string;
      /** Page size (default 20, min 1, max 100) */
      limit?: number;
      status?: "open" | "closed";
      rows?: string[][];
      who?: {
        "e-mail": string | null;
      };
    }"
  `);
});

test.each([
  [{ anyOf: [{ type: "string" }, { type: "number" }] }, "string | number"],
  [{ type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } }, "(string | null)[]"],
  [{ type: "array", items: { enum: ["a|b"] } }, '"a|b"[]'],
  [
    {
      allOf: [
        { type: "object", properties: { a: { type: "string" } } },
        { type: "object", properties: { b: { type: "string" } } },
      ],
    },
    "{\n  a?: string;\n} & {\n  b?: string;\n}",
  ],
  [{ const: 3 }, "3"],
  [{ type: "object" }, "Record<string, unknown>"],
  [{ type: "object", additionalProperties: { type: "number" } }, "Record<string, number>"],
  [{ type: "object", properties: {}, additionalProperties: false }, "{}"],
  [{ prefixItems: [{ type: "string" }, { type: "number" }] }, "[string, number]"],
  [{}, "unknown"],
  [true, "unknown"],
  [{ enum: [] }, "never"],
])("%j becomes %s", (schema, text) => {
  expect(typeText(schema)).toBe(text);
});

test("a reference into the schema is followed, and a recursive one ends in unknown", () => {
  const node = { type: "object", properties: { name: { type: "string" }, child: { $ref: "#/$defs/node" } }, required: ["name"] };
  expect(typeText({ $ref: "#/$defs/node", $defs: { node } })).toBe("{\n  name: string;\n  child?: unknown;\n}");
});

test("a description cannot end its comment", () => {
  expect(docComment("a */ globalThis.hacked = 1 /*", "")).toBe("/** a *\\/ globalThis.hacked = 1 /* */\n");
  expect(docComment("one\u2028two", "")).toBe("/**\n * one\n * two\n */\n");
});

test("names that cannot be identifiers are mended", () => {
  expect(["get-item", "2fa", "delete", "ok_name", "", "callTool"].map(identifier)).toEqual([
    "get_item",
    "_2fa",
    "_delete",
    "ok_name",
    "_",
    "_callTool",
  ]);
});
