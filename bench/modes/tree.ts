/**
 * The servers as a file tree that a program can list, read and import: `servers/<server>/<tool>.ts`, one typed
 * wrapper a tool, as Anthropic's "Code execution with MCP" (2025-11-04) shows it. `callTool` is a global of every
 * guest, so a wrapper needs no import and no import is billed.
 */
import { BenchError, type ToolDefinition } from "../types/index.ts";
import { docComment, identifier, typeText } from "./typescript.ts";

/** The tree: path below `/workspace` to text, and each tool's path. */
export interface Tree {
  readonly files: ReadonlyMap<string, string>;
  pathOf(server: string, tool: string): string | undefined;
}

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
 * Builds the tree of every tool.
 *
 * Throws `BenchError` TOOL_NAMES when two tools would share a file: a case-insensitive disk would mix them up, so
 * names that differ only in case collide too.
 */
export function buildTree(tools: readonly ToolDefinition[]): Tree {
  const files = new Map<string, string>();
  const paths = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const definition of tools) {
    const path = `servers/${folderName(definition.server)}/${identifier(definition.name)}.ts`;
    const name = `${definition.server}__${definition.name}`;
    const owner = owners.get(path.toLowerCase());
    if (owner !== undefined) throw new BenchError("TOOL_NAMES", { first: owner, second: name, file: path });
    owners.set(path.toLowerCase(), name);
    paths.set(name, path);
    files.set(path, cachedWrapper(definition));
  }
  return { files, pathOf: (server, tool) => paths.get(`${server}__${tool}`) };
}

/** Folder of a server's tools: the name itself where it can be one. */
export function folderName(server: string): string {
  const cleaned = server.replace(/[^A-Za-z0-9._-]/g, "_");
  return /^\.+$|^$/.test(cleaned) ? `_${cleaned}` : cleaned;
}

// The same definition objects come back in every cell of a run; their text is made once.
const wrappers = new WeakMap<ToolDefinition, string>();

function cachedWrapper(definition: ToolDefinition): string {
  let text = wrappers.get(definition);
  if (text === undefined) {
    text = wrapperText(definition);
    wrappers.set(definition, text);
  }
  return text;
}
