/**
 * The servers as a file tree that a program can list, read and import: `servers/<server>/<tool>.ts`, one typed
 * wrapper a tool, as Anthropic's "Code execution with MCP" (2025-11-04) shows it. `callTool` is a global of every
 * guest, so a wrapper needs no import and no import is billed.
 */
import { BenchError, type Language, type ServerInstructions, type ToolDefinition } from "../../../contract/index.ts";
import { pythonIdentifier } from "./python.ts";
import { pythonFolder, pythonWrapper } from "./python-wrapper.ts";
import { docComment, identifier, typeText } from "./typescript.ts";

/** One wrapper file's text. */
export function wrapperText(definition: ToolDefinition): string {
  const input = typeText(definition.inputSchema);
  const properties = definition.inputSchema.properties;
  const takesNothing = typeof properties !== "object" || properties === null || Object.keys(properties).length === 0;
  const required = definition.inputSchema.required;
  const optional = !Array.isArray(required) || required.length === 0;
  const parameter = takesNothing ? "" : `input: ${input}${optional ? " = {}" : ""}`;
  const output = definition.outputSchema === undefined ? "string" : typeText(definition.outputSchema);
  const call = `callTool(${JSON.stringify(definition.server)}, ${JSON.stringify(definition.name)}, ${takesNothing ? "{}" : "input"})`;
  return `${docComment(definition.description, "")}export const ${identifier(definition.name)} = (${parameter}): Promise<${output}> =>\n  ${call};\n`;
}

/**
 * The tree of every tool, and of the given instructions as files: path below `/workspace` to text.
 *
 * Throws `BenchError` TOOL_NAMES when two tools would share a file: a case-insensitive disk would mix them up, so
 * names that differ only in case collide too.
 */
export function buildTree(
  tools: readonly ToolDefinition[],
  language: Language = "javascript",
  readmes: readonly ServerInstructions[] = [],
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const owners = new Map<string, string>();
  const add = (path: string, name: string, text: string): void => {
    const owner = owners.get(path.toLowerCase());
    if (owner !== undefined) throw new BenchError("TOOL_NAMES", { first: owner, second: name, file: path });
    owners.set(path.toLowerCase(), name);
    files.set(path, text);
  };
  for (const { server, text } of readmes) add(readmePath(server), `${server}'s instructions`, text);
  for (const definition of tools) {
    const text = language === "python" ? pythonWrapper(definition) : cachedWrapper(definition);
    add(wrapperPath(definition, language), `${definition.server}__${definition.name}`, text);
  }
  return known(files);
}

/** Where a server's own instructions stand in a tree that has them as files. */
export function readmePath(server: string): string {
  return `servers/${folderName(server)}/README.md`;
}

function wrapperPath({ server, name }: ToolDefinition, language: Language): string {
  return language === "python"
    ? `servers/${pythonFolder(server)}/${pythonIdentifier(name)}.py`
    : `servers/${folderName(server)}/${identifier(name)}.ts`;
}

const keptTrees = 16;
const trees: ReadonlyMap<string, string>[] = [];

/** The map that was returned before for the same files, if there is one: a backend need not take the same tree twice. */
function known(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const same = trees.find((tree) => tree.size === files.size && [...files].every(([path, text]) => tree.get(path) === text));
  if (same !== undefined) return same;
  if (trees.length === keptTrees) trees.shift();
  trees.push(files);
  return files;
}

/** Folder of a server's tools: the name itself where it can be one. */
export function folderName(server: string): string {
  const cleaned = server.replace(/[^A-Za-z0-9._-]/g, "_");
  return /^\.+$|^$/.test(cleaned) ? `_${cleaned}` : cleaned;
}

/**
 * Texts by input schema. An in-memory server hands out the same schema object in every cell, so its wrappers are made
 * once a run; the rest of the definition is compared, because two tools may share a schema.
 */
const wrappers = new WeakMap<object, { readonly definition: ToolDefinition; readonly text: string }>();

function cachedWrapper(definition: ToolDefinition): string {
  const known = wrappers.get(definition.inputSchema);
  if (known !== undefined && sameDefinition(known.definition, definition)) return known.text;
  const text = wrapperText(definition);
  wrappers.set(definition.inputSchema, { definition, text });
  return text;
}

function sameDefinition(a: ToolDefinition, b: ToolDefinition): boolean {
  return a.server === b.server && a.name === b.name && a.description === b.description && a.outputSchema === b.outputSchema;
}
