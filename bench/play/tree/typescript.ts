/**
 * JSON Schema to TypeScript, as lean as it can be said without losing a type. The text is read by a model and every
 * token of it is billed, so there are no aliases, no index signatures that the schema does not ask for and no banners.
 * What a schema says beyond its type (description, default, range, pattern, format) stays, in the property's comment.
 */
import type { Json, JsonObject } from "../../../contract/index.ts";

const reserved = new Set(
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield callTool".split(
    " ",
  ),
);

/** A JavaScript identifier for a tool's name: characters that cannot stand in one become `_`. Not unique by itself. */
export function identifier(name: string): string {
  const cleaned = name.replace(/[^A-Za-z0-9_$]/g, "_");
  return /^[0-9]|^$/.test(cleaned) || reserved.has(cleaned) ? `_${cleaned}` : cleaned;
}

/** A doc comment, or nothing for empty text. Text from a server is untrusted: it cannot end the comment. */
export function docComment(text: string, indent: string): string {
  const lines = text
    .replaceAll("*/", "*\\/")
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.trimEnd());
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  const [first = "", ...rest] = lines;
  if (first === "" && rest.length === 0) return "";
  if (rest.length === 0) return `${indent}/** ${first} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */\n`;
}

/** The TypeScript type of a schema. `$ref`s into the same document are resolved; a recursive one becomes `unknown`. */
export function typeText(schema: Json | undefined): string {
  return typeOf(schema, { root: schema, indent: "", refs: [] });
}

/** Names are resolved against `root`, the schema as a whole; `refs` are the references that are being followed. */
interface Place {
  readonly root: Json | undefined;
  readonly indent: string;
  readonly refs: readonly string[];
}

function typeOf(schema: Json | undefined, place: Place): string {
  if (!isObject(schema)) return "unknown";
  const { $ref: ref, const: constant, enum: values, anyOf, oneOf, allOf } = schema;
  if (typeof ref === "string") {
    return place.refs.includes(ref) ? "unknown" : typeOf(resolve(ref, place.root), { ...place, refs: [...place.refs, ref] });
  }
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(values)) return values.length === 0 ? "never" : union(values.map((value) => JSON.stringify(value)));
  const choices = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : undefined;
  const parts: string[] = [];
  if (choices !== undefined) parts.push(union(choices.map((choice) => typeOf(choice, place))));
  if (Array.isArray(allOf)) parts.push(...allOf.map((part: Json) => typeOf(part, place)));
  const names = namesOf(schema);
  if (names.length > 0) parts.push(union(names.map((name) => namedType(name, schema, place))));
  const known = [...new Set(parts.filter((part) => part !== "unknown"))];
  return known.length === 0 ? "unknown" : known.length === 1 ? (known[0] ?? "unknown") : known.map(bracketed).join(" & ");
}

/** The schema's `type`s, or what its keywords imply. */
export function namesOf(schema: JsonObject): readonly Json[] {
  if (Array.isArray(schema.type)) return schema.type;
  if (schema.type !== undefined) return [schema.type];
  if (isObject(schema.properties)) return ["object"];
  return schema.items === undefined && schema.prefixItems === undefined ? [] : ["array"];
}

function namedType(name: Json, schema: JsonObject, place: Place): string {
  switch (name) {
    case "string":
    case "boolean":
    case "null":
      return name;
    case "number":
    case "integer":
      return "number";
    case "array":
      if (Array.isArray(schema.prefixItems)) {
        return `[${schema.prefixItems.map((item: Json) => typeOf(item, place)).join(", ")}]`;
      }
      return `${bracketed(typeOf(schema.items, place))}[]`;
    case "object":
      return objectType(schema, place);
    default:
      return "unknown";
  }
}

function objectType(schema: JsonObject, place: Place): string {
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const extra = isObject(schema.additionalProperties) ? typeOf(schema.additionalProperties, place) : "unknown";
  if (properties.length === 0) return schema.additionalProperties === false ? "{}" : `Record<string, ${extra}>`;
  const inner = `${place.indent}  `;
  const rows = properties.map(([name, property]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    const type = typeOf(property, { ...place, indent: inner });
    return `${docComment(describe(property), inner)}${inner}${key}${required.has(name) ? "" : "?"}: ${type};\n`;
  });
  if (isObject(schema.additionalProperties)) rows.push(`${inner}[key: string]: ${extra};\n`);
  return `{\n${rows.join("")}${place.indent}}`;
}

/** What a local JSON pointer names; `undefined` when it names nothing. */
export function resolve(ref: string, root: Json | undefined): Json | undefined {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return undefined;
  let at: Json | undefined = root;
  for (const step of ref.slice(2).split("/")) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

/** A property's description and what its type cannot say, in one line where the description is one. */
export function describe(schema: Json): string {
  if (!isObject(schema)) return "";
  const facts: string[] = [];
  if (schema.default !== undefined) facts.push(`default ${JSON.stringify(schema.default)}`);
  for (const [keyword, word] of constraints) {
    const value = schema[keyword];
    if (value !== undefined && !(typeof value === "number" && !(Math.abs(value) < Number.MAX_SAFE_INTEGER))) {
      facts.push(`${word} ${typeof value === "string" ? value : JSON.stringify(value)}`);
    }
  }
  const description = typeof schema.description === "string" ? schema.description.trim() : "";
  if (facts.length === 0) return description;
  return description === "" ? facts.join(", ") : `${description} (${facts.join(", ")})`;
}

const constraints = [
  ["minimum", "min"],
  ["maximum", "max"],
  ["exclusiveMinimum", "above"],
  ["exclusiveMaximum", "below"],
  ["multipleOf", "multiple of"],
  ["minLength", "min length"],
  ["maxLength", "max length"],
  ["minItems", "min items"],
  ["maxItems", "max items"],
  ["format", "format"],
  ["pattern", "pattern"],
] as const;

function union(types: readonly string[]): string {
  const distinct = [...new Set(types)];
  return distinct.includes("unknown") ? "unknown" : distinct.join(" | ");
}

/** Parentheses around a union or intersection at the type's top level. */
function bracketed(type: string): string {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < type.length; at++) {
    const character = type[at];
    if (character === '"' && type[at - 1] !== "\\") quoted = !quoted;
    if (quoted) continue;
    if (character === "{" || character === "[" || character === "<" || character === "(") depth++;
    if (character === "}" || character === "]" || character === ">" || character === ")") depth--;
    if (depth === 0 && (character === "|" || character === "&")) return `(${type})`;
  }
  return type;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
