/** The generated wrappers are parsed by a real Python where this machine has one. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { isBenchError, type ToolDefinition } from "../../../contract/index.ts";
import { syntheticTools } from "../../../fixtures/catalogue.ts";
import { scenarioRegistry } from "../../../scenarios/registry.ts";
import { toolsOf } from "../../servers/extra-servers.ts";
import { docstring, pythonIdentifier, pythonTypes } from "./python.ts";
import { pythonWrapper } from "./python-wrapper.ts";
import { buildTree } from "./tree.ts";

const python = "/usr/bin/python3";

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const tool = (server: string, name: string, rest: Partial<ToolDefinition> = {}): ToolDefinition => ({
  server,
  name,
  description: "Does it.",
  inputSchema: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
  ...rest,
});

const typeText = (schema: Parameters<ReturnType<typeof pythonTypes>["typeOf"]>[0]) => {
  const types = pythonTypes();
  const text = types.typeOf(schema, "Input");
  return [...types.classes, text].join("\n");
};

/** Parses, compiles and runs each file, as an import would. Returns what failed. */
function failures(files: ReadonlyMap<string, string>): string {
  const program = `import ast, json, sys
for path, text in json.load(sys.stdin):
    try:
        tree = ast.parse(text, path)
        names = [node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef)]
        assert names == [path.split("/")[-1][:-3]], names
        exec(compile(tree, path, "exec"), {})
    except Exception as error:
        print(path, repr(error))`;
  const { stdout, stderr } = spawnSync(python, ["-I", "-c", program], { input: JSON.stringify([...files]), encoding: "utf8" });
  return stdout + stderr;
}

test("a wrapper has the tool's description, its types and one call", () => {
  const inputSchema = {
    type: "object",
    properties: {
      id: { type: "string", description: "The record's id" },
      limit: { type: "integer", minimum: 1, maximum: 100, default: 20, description: "Page size" },
      status: { enum: ["open", "closed"] },
      who: { type: "object", properties: { "e-mail": { type: ["string", "null"] } }, required: ["e-mail"] },
    },
    required: ["id"],
  };
  const outputSchema = { type: "object", properties: { rows: { type: "array", items: { type: "array", items: {} } } } };
  expect(pythonWrapper(tool("my-shop", "get_item", { inputSchema, outputSchema }))).toMatchInlineSnapshot(`
    "from typing import Any, Literal, NotRequired, TypedDict


    InputWho = TypedDict(
        "InputWho",
        {
            "e-mail": str | None,
        },
    )


    class Input(TypedDict):
        id: str  # The record's id
        limit: NotRequired[int]  # Page size (default 20, min 1, max 100)
        status: NotRequired[Literal["open", "closed"]]
        who: NotRequired[InputWho]


    class Output(TypedDict):
        rows: NotRequired[list[list[Any]]]


    async def get_item(input: Input) -> Output:
        """Does it."""
        return await call_tool("my-shop", "get_item", input)
    "
  `);
});

test("a tool without an output schema returns its text, one without properties takes nothing", () => {
  expect(pythonWrapper(tool("shop", "ping", { inputSchema: { type: "object" } }))).toMatchInlineSnapshot(`
    "async def ping() -> str:
        """Does it."""
        return await call_tool("shop", "ping", {})
    "
  `);
});

test.each([
  [{ anyOf: [{ type: "string" }, { type: "number" }] }, "str | float"],
  [{ type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } }, "list[str | None]"],
  [{ const: 3 }, "Literal[3]"],
  [{ enum: [1.5, 2] }, "Any"],
  [{ type: "object", additionalProperties: { type: "number" } }, "dict[str, float]"],
  [{ prefixItems: [{ type: "string" }, { type: "number" }] }, "list[str | float]"],
  [{}, "Any"],
  [true, "Any"],
])("%j becomes %s", (schema, text) => {
  expect(typeText(schema)).toBe(text);
});

test("a reference is followed, and a recursive one ends in Any", () => {
  const node = { type: "object", properties: { name: { type: "string" }, child: { $ref: "#/$defs/node" } }, required: ["name"] };
  expect(typeText({ $ref: "#/$defs/node", $defs: { node } })).toBe(
    "class Input(TypedDict):\n    name: str\n    child: NotRequired[Any]\n\nInput",
  );
});

test("names that cannot be identifiers are mended, and a docstring cannot be ended", () => {
  expect(["get-item", "2fa", "del", "match", "__init__", "", "_", "call_tool"].map(pythonIdentifier)).toEqual([
    "get_item",
    "_2fa",
    "_del",
    "_match",
    "_init__",
    "_",
    "__",
    "_call_tool",
  ]);
  expect(docstring('a """ + evil() + "', "")).toBe('"""a \\"\\"\\" + evil() + " """\n');
});

test("two tools that would share a file are refused by name", () => {
  let error: unknown;
  try {
    buildTree([tool("s", "a-b"), tool("s", "A_b")], "python");
  } catch (thrown) {
    error = thrown;
  }
  expect(isBenchError(error, "TOOL_NAMES")).toBe(true);
});

test.skipIf(!canRun(python))("every wrapper is Python that can be imported, whatever a server says", () => {
  const nasty = ["a b", "délai", "del", "x'); hacked('", "`", '"""', "\\", "\u2028", "None", "\ud800"];
  const tools = nasty.map((name) =>
    tool(`s${nasty.indexOf(name)}`, name, {
      description: `"""\nraise Exception()\n${name}\0\\`,
      inputSchema: {
        type: "object",
        properties: {
          [name]: { description: `x\nraise Exception()\r${name}`, enum: [name] },
          class: { type: "string" },
          self: {},
        },
      },
    }),
  );
  expect(failures(buildTree(tools, "python"))).toBe("");
});

test.skipIf(!canRun(python))("the wrappers of all servers and of the synthetic catalogue are Python", async () => {
  const host = { tmpDir: tmpdir(), nodePath: process.execPath };
  const seen = new Map<string, string>();
  for (const id of scenarioRegistry.ids) {
    const scenario = await scenarioRegistry.load(id);
    const tools = await toolsOf(scenario, scenario.params.parse({}), [], host, new AbortController().signal);
    for (const [path, text] of buildTree(tools, "python")) seen.set(path, text);
  }
  for (const [path, text] of buildTree(syntheticTools(500, 1), "python")) seen.set(path, text);
  expect(seen.size).toBeGreaterThan(500);
  expect(failures(seen)).toBe("");
});
