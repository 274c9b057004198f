/**
 * JSON Schema to Python's own type hints, as lean as typescript.ts says them: a TypedDict for each object with known
 * properties, and what a schema says beyond its type in a comment beside the property.
 */
import type { Json, JsonObject } from "../../../contract/index.ts";
import { describe, isObject, namesOf, resolve } from "./typescript.ts";

const reserved = new Set(
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield match case type call_tool".split(
    " ",
  ),
);

/** A Python identifier for a name: characters that cannot stand in one become `_`. Not unique by itself. */
export function pythonIdentifier(name: string): string {
  const cleaned = name.replace(/[^A-Za-z0-9_]/g, "_");
  // A leading pair of underscores would be mangled or magic.
  const mild = cleaned.replace(/^__+/, "_");
  return /^[0-9]|^$|^_$/.test(mild) || reserved.has(mild) ? `_${mild}` : mild;
}

/** Text from a server is untrusted: it can end neither a docstring nor a comment. */
export function docstring(text: string, indent: string): string {
  const lines = text
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll('"""', '\\"\\"\\"')
    .split(lineEnd)
    .map((line) => line.replace(controls, " ").trimEnd());
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  if (lines.length === 0) return "";
  const [first = "", ...rest] = lines;
  if (rest.length === 0) return `${indent}"""${first}${first.endsWith('"') ? " " : ""}"""\n`;
  return `${indent}"""${first}\n${rest.map((line) => (line === "" ? "\n" : `${indent}${line}\n`)).join("")}${indent}"""\n`;
}

/** Whatever any reader of Python might take for the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: separators are control characters too.
const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed; a NUL is a syntax error.
const controls = /[\0-\x08\x0e-\x1f\x7f]/g;

function comment(text: string): string {
  const line = text.toWellFormed().split(lineEnd).join(" ").replace(controls, " ").replace(/\s+/g, " ").trim();
  return line === "" ? "" : `  # ${line}`;
}

/** Types of one module: the text that names a schema, and the classes that it needs, in order of definition. */
export interface PythonTypes {
  typeOf(schema: Json | undefined, className: string): string;
  readonly classes: readonly string[];
  /** Names of `typing` that are used, sorted. */
  imports(): string[];
}

export function pythonTypes(): PythonTypes {
  const classes: string[] = [];
  const taken = new Set<string>();
  const used = new Set<string>();
  const use = (name: string) => {
    used.add(name);
    return name;
  };
  const any = () => use("Any");

  interface Place {
    readonly root: Json | undefined;
    readonly name: string;
    readonly refs: readonly string[];
  }

  function typeOf(schema: Json | undefined, place: Place): string {
    if (!isObject(schema)) return any();
    const { $ref: ref, const: constant, enum: values, anyOf, oneOf, allOf } = schema;
    if (typeof ref === "string") {
      if (place.refs.includes(ref)) return any();
      return typeOf(resolve(ref, place.root), { ...place, refs: [...place.refs, ref] });
    }
    if (constant !== undefined) return literal([constant]);
    if (Array.isArray(values)) return values.length === 0 ? any() : literal(values);
    const choices = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : undefined;
    if (choices !== undefined) return union(choices.map((choice) => typeOf(choice, place)));
    // Python has no intersection: the first part that says something stands for all.
    if (Array.isArray(allOf) && allOf.length > 0) return typeOf(merged(allOf, place), place);
    const names = namesOf(schema);
    return names.length === 0 ? any() : union(names.map((name) => named(name, schema, place)));
  }

  /** One object with the properties of all parts, as far as they are objects. */
  function merged(parts: readonly Json[], place: Place): Json {
    const known = parts.map((part) => {
      const ref = isObject(part) ? part.$ref : undefined;
      return typeof ref === "string" && !place.refs.includes(ref) ? resolve(ref, place.root) : part;
    });
    const objects = known.filter(isObject);
    if (!objects.every((part) => isObject(part.properties))) return objects[0] ?? {};
    return {
      type: "object",
      properties: Object.assign({}, ...objects.map((part) => part.properties)) as JsonObject,
      required: objects.flatMap((part) => (Array.isArray(part.required) ? part.required : [])),
    };
  }

  function literal(values: readonly Json[]): string {
    // Objects, lists and fractions cannot stand in a Literal.
    const sayable = (value: Json) =>
      value === null || typeof value === "string" || typeof value === "boolean" || Number.isSafeInteger(value);
    if (!values.every(sayable)) return any();
    return `${use("Literal")}[${values.map(value).join(", ")}]`;
  }

  function named(name: Json, schema: JsonObject, place: Place): string {
    switch (name) {
      case "string":
        return "str";
      case "boolean":
        return "bool";
      case "null":
        return "None";
      case "number":
        return "float";
      case "integer":
        return "int";
      case "array":
        if (Array.isArray(schema.prefixItems)) {
          const items = schema.prefixItems.map((item: Json) => typeOf(item, place));
          return `list[${items.length === 0 ? any() : union(items)}]`;
        }
        return `list[${typeOf(schema.items, place)}]`;
      case "object":
        return objectType(schema, place);
      default:
        return any();
    }
  }

  function objectType(schema: JsonObject, place: Place): string {
    const properties = isObject(schema.properties) ? Object.entries(schema.properties) : [];
    if (properties.length === 0) {
      return `dict[str, ${isObject(schema.additionalProperties) ? typeOf(schema.additionalProperties, place) : any()}]`;
    }
    const name = free(place.name);
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    const rows = properties.map(([key, property]) => {
      const type = typeOf(property, { ...place, name: `${name}${className(key)}` });
      return { key, type: required.has(key) ? type : `${use("NotRequired")}[${type}]`, note: comment(describe(property)) };
    });
    use("TypedDict");
    const fits = rows.every(({ key }) => pythonIdentifier(key) === key);
    classes.push(
      fits
        ? `class ${name}(TypedDict):\n${rows.map(({ key, type, note }) => `    ${key}: ${type}${note}\n`).join("")}`
        : `${name} = TypedDict(\n    "${name}",\n    {\n${rows.map(({ key, type, note }) => `        ${value(key)}: ${type},${note}\n`).join("")}    },\n)\n`,
    );
    return name;
  }

  function free(wanted: string): string {
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}${n}`;
    taken.add(name);
    return name;
  }

  return {
    typeOf: (schema, name) => typeOf(schema, { root: schema, name, refs: [] }),
    classes,
    imports: () => [...used].sort(),
  };
}

/** A JSON value that is neither object nor list, as Python: JSON's strings are Python's too. */
export function value(json: Json): string {
  if (json === null) return "None";
  if (typeof json === "boolean") return json ? "True" : "False";
  return typeof json === "string" ? JSON.stringify(json) : String(json);
}

const className = (key: string) =>
  key
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");

function union(types: readonly string[]): string {
  const distinct = [...new Set(types)];
  return distinct.includes("Any") ? "Any" : distinct.join(" | ");
}
