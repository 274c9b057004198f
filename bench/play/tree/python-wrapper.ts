/**
 * One tool's wrapper for Python programs, `servers/<server>/<tool>.py`. `call_tool` is a builtin of every guest, so a
 * wrapper imports nothing but the names of its types.
 */
import type { ToolDefinition } from "../../../contract/index.ts";
import { docstring, pythonIdentifier, pythonTypes, value } from "./python.ts";

export function pythonWrapper(definition: ToolDefinition): string {
  const types = pythonTypes();
  const { inputSchema, outputSchema } = definition;
  const { properties, required } = inputSchema;
  const takesNothing = typeof properties !== "object" || properties === null || Object.keys(properties).length === 0;
  const optional = !Array.isArray(required) || required.length === 0;
  const input = takesNothing ? "" : types.typeOf(inputSchema, "Input");
  const output = outputSchema === undefined ? "str" : types.typeOf(outputSchema, "Output");
  const parameter = takesNothing ? "" : `input: ${input}${optional ? " = {}" : ""}`;
  const imports = types.imports();
  const head = imports.length === 0 ? "" : `from typing import ${imports.join(", ")}\n\n\n`;
  const call = `call_tool(${value(definition.server)}, ${value(definition.name)}, ${takesNothing ? "{}" : "input"})`;
  const body = `async def ${pythonIdentifier(definition.name)}(${parameter}) -> ${output}:\n${docstring(definition.description, "    ")}    return await ${call}\n`;
  return [head + types.classes.map((text) => `${text}\n\n`).join(""), body].join("");
}

/** Folder of a server's tools, which Python imports as a package. */
export const pythonFolder = pythonIdentifier;
