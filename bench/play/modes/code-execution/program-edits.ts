/**
 * What an agent changes in a program for reasons that are not the scenario's: it parses what comes as text, it looks
 * before it knows a shape, it mistakes a file. Edits are made at places of the syntax tree, so the rest keeps its bytes.
 */
import { stripTypeScriptTypes } from "node:module";
import { type Node, parse } from "acorn";
import type { JsonObject, NeededTool } from "../../../../contract/index.ts";
import { folderName } from "../../tree/tree.ts";
import { identifier } from "../../tree/typescript.ts";

/** What a careful agent prints of a result whose shape it does not know. */
const lookedAtCharacters = 500;

/** A program that calls each tool once and prints how its text begins. */
export function lookProgram(tools: readonly NeededTool[]): string {
  const imports = tools.map((need) => `import { ${identifier(need.tool)} } from "${importPath(need)}";\n`).join("");
  const calls = tools.map(({ tool, look = {} }) => `${identifier(tool)}(${argumentText(look)})`);
  const [only] = calls;
  const print =
    calls.length === 1
      ? `console.log((await ${only}).slice(0, ${lookedAtCharacters}));\n`
      : `for (const text of await Promise.all([${calls.join(", ")}])) console.log(text.slice(0, ${lookedAtCharacters}));\n`;
  return `${imports}\n${print}`;
}

/** The program for tools that return JSON as text: each call's result is parsed. */
export function parsingText(source: string, tools: readonly NeededTool[]): string {
  if (tools.length === 0) return source;
  const paths = new Set(tools.map(importPath));
  const names = new Set(importsOf(source).flatMap(({ path, name }) => (paths.has(path) ? [name] : [])));
  const edits = nodesOf(source).flatMap(({ node, parent }): Edit[] => {
    if (node.type !== "CallExpression" || !names.has(nameOf(node.callee))) return [];
    if (parent?.type !== "AwaitExpression") return [{ at: node.end, remove: 0, insert: ".then((text) => JSON.parse(text))" }];
    return [
      { at: parent.start, remove: 0, insert: "JSON.parse(" },
      { at: parent.end, remove: 0, insert: ")" },
    ];
  });
  return edited(source, edits);
}

/**
 * The program with its first tool's file in camel case, as many APIs name theirs: there is no such file, so the program
 * fails before it does anything, and every backend words its error alike.
 */
export function wronglyImported(source: string): string {
  const [first] = importsOf(source);
  if (first === undefined) throw new Error("it imports no tool, so policy repair has no path to get wrong");
  const { path, start } = first;
  const file = path.slice(path.lastIndexOf("/") + 1, -".ts".length);
  const camel = file.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const insert = camel === file ? `${file}Tool` : camel;
  // The quote before the path is part of the literal.
  return edited(source, [{ at: start + 1 + path.length - ".ts".length - file.length, remove: file.length, insert }]);
}

function importPath({ server, tool }: Pick<NeededTool, "server" | "tool">): string {
  return `./servers/${folderName(server)}/${identifier(tool)}.ts`;
}

/** Keys stand without quotes where they can, as people write them. */
function argumentText(input: JsonObject): string {
  const fields = Object.entries(input).map(([key, value]) => {
    return `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${JSON.stringify(value)}`;
  });
  return fields.length === 0 ? "" : `{ ${fields.join(", ")} }`;
}

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

function edited(source: string, edits: readonly Edit[]): string {
  let text = source;
  for (const { at, remove, insert } of edits.toSorted((a, b) => b.at - a.at)) {
    text = text.slice(0, at) + insert + text.slice(at + remove);
  }
  return text;
}

/** Every name imported from a server's folder; `start` is where the path's literal begins. */
function importsOf(source: string): readonly { readonly path: string; readonly name: string; readonly start: number }[] {
  return nodesOf(source).flatMap(({ node }) => {
    if (node.type !== "ImportDeclaration") return [];
    const path = String(node.source.value);
    if (!path.startsWith("./servers/")) return [];
    return node.specifiers.map(({ local }) => ({ path, name: local.name, start: node.source.start }));
  });
}

type AnyNode = import("acorn").AnyNode;

interface Placed {
  readonly node: AnyNode;
  readonly parent: AnyNode | undefined;
}

const parsed = new Map<string, readonly Placed[]>();
const keptPrograms = 64;

/** Every node of a program; positions are those of the TypeScript text, since its types are blanked out in place. */
function nodesOf(source: string): readonly Placed[] {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  const options = { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true } as const;
  const nodes: Placed[] = [];
  collect(parse(stripTypeScriptTypes(source), options), undefined, nodes);
  if (parsed.size === keptPrograms) parsed.clear();
  parsed.set(source, nodes);
  return nodes;
}

function collect(node: Node, parent: AnyNode | undefined, into: Placed[]): void {
  into.push({ node: node as AnyNode, parent });
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === "object" && child !== null && typeof child.type === "string") collect(child, node as AnyNode, into);
    }
  }
}

const nameOf = (node: Node): string => ("name" in node && node.type === "Identifier" ? String(node.name) : "");
