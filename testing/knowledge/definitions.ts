/** Definitions of tools as a model reads them: wrapper files in a result, and the tools of a request. */
import type { Json, ModelTool } from "../../contract/index.ts";
import { isJsonObject } from "./json.ts";
import { quotedIn } from "./text.ts";

/** What a definition says. */
export interface Definition {
  /** Everything, as it was read. */
  readonly text: string;
  readonly inputKeys: ReadonlySet<string>;
  /** Empty where results have no type. */
  readonly outputKeys: ReadonlySet<string>;
  /** Values that its types and defaults name. */
  readonly values: ReadonlySet<string>;
  /** What its descriptions give as examples. */
  readonly examples: string;
}

/** A definition that stands in a file below `servers/`. */
export interface FileDefinition extends Definition {
  readonly exported: string;
  /** The folder of its server below `servers/`. */
  readonly folder: string;
}

const string = String.raw`"(?:[^"\\]|\\.)*"`;
/** The text that `wrapperText` of the modes writes, and before it the name that a listing gave the file. */
const wrapper = new RegExp(
  String.raw`(?:^|(?<=\n))(?:// (?<listed>\S+)\n)?(?:/\*\*(?:(?!\*/)[\s\S])*\*/\n)?` +
    String.raw`export const (?<exported>[\w$]+) = \((?<input>[\s\S]*?)\): Promise<(?<output>[\s\S]*?)> =>\n` +
    String.raw`\s+callTool\((?<server>${string}), ${string}, (?:input|\{\})\);\n`,
  "g",
);

export interface DefinitionsRead {
  readonly definitions: readonly FileDefinition[];
  /** Files that a listing in the same text names right before their definition. */
  readonly listed: readonly string[];
  /** What is left of the text. */
  readonly rest: string;
}

export function definitionsIn(text: string): DefinitionsRead {
  const definitions: FileDefinition[] = [];
  const listed: string[] = [];
  const rest = text.replace(wrapper, (whole, ...parts) => {
    const { listed: file, exported = "", input = "", output = "", server = '""' } = parts.at(-1) as Record<string, string>;
    const folder = String(JSON.parse(server)).replace(/[^A-Za-z0-9._-]/g, "_");
    if (file !== undefined) listed.push(`servers/${folder}/${file}`);
    definitions.push({
      exported,
      folder,
      text: whole,
      inputKeys: keysOfType(input),
      outputKeys: keysOfType(output),
      values: quotedIn(`${input}${output}`),
      examples: examplesIn(whole),
    });
    return "";
  });
  return { definitions, listed, rest };
}

/** The property names of a type's text, at every depth. */
function keysOfType(type: string): ReadonlySet<string> {
  const bare = type.replace(/\/\*\*[\s\S]*?\*\//g, "");
  const keys = bare.matchAll(/^\s*(?:([A-Za-z_$][\w$]*)|("(?:[^"\\]|\\.)*"))\??:/gm);
  return new Set([...keys].map(([, plain, quoted]) => plain ?? String(JSON.parse(quoted ?? '""'))));
}

const known = new WeakMap<ModelTool, Definition>();

export function definitionOf(tool: ModelTool): Definition {
  const made = known.get(tool) ?? ofSchema(tool);
  known.set(tool, made);
  return made;
}

function ofSchema(tool: ModelTool): Definition {
  const text = JSON.stringify(tool);
  const inputKeys = new Set<string>();
  const values = new Set<string>();
  visit(tool.input_schema);
  return { text, inputKeys, outputKeys: new Set(), values, examples: examplesIn(text) };

  function visit(part: Json): void {
    if (Array.isArray(part)) for (const item of part) visit(item);
    if (!isJsonObject(part)) return;
    if (isJsonObject(part.properties)) for (const name of Object.keys(part.properties)) inputKeys.add(name);
    for (const value of [part.enum, part.const, part.default, part.examples].flat()) {
      if (typeof value === "string") values.add(value);
    }
    for (const value of Object.values(part)) visit(value);
  }
}

/** What follows an "e.g.", to the end of its sentence, string or comment. */
function examplesIn(text: string): string {
  return [...text.matchAll(/\be\.g\. ((?:(?!\. |"|\*\/|\n|;).)*)/g)].map(([, examples]) => examples).join("\n");
}
