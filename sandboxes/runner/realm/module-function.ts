/**
 * ES modules as functions, for engines that give their embedder no module loader, or half of one. A module becomes an
 * async function of two others, one that imports and one that exports, on the same lines, so frames stay right. The names of
 * what is added occur nowhere in the module (`markFor`). What differs from real modules: an imported binding is the value at
 * the time of the import, and modules that import each other see what is there by then.
 */
import { type Node, parse } from "acorn";
import { LRUCache } from "lru-cache";

/** Parts of the syntax tree that are used here. */
interface Name extends Node {
  readonly type: "Identifier" | "Literal";
  readonly name?: string;
  readonly value?: unknown;
}
interface Specifier extends Node {
  readonly imported?: Name;
  readonly local: Name;
  readonly exported: Name;
}
interface Statement extends Node {
  readonly source?: Name | null;
  readonly specifiers?: readonly Specifier[];
  readonly declaration?: (Node & { readonly id?: Name | null; readonly declarations?: readonly { readonly id: Node }[] }) | null;
  readonly exported?: Name | null;
}

const nameOf = ({ name, value }: Name) => name ?? String(value);
const quoted = (name: Name) => JSON.stringify(nameOf(name));

/** Names that a declaration's pattern binds. */
function boundNames(pattern: Node): string[] {
  const node = pattern as unknown as {
    type: string;
    name: string;
    left: Node;
    argument: Node;
    elements: (Node | null)[];
    properties: (Node & { value?: Node; argument?: Node })[];
  };
  if (node.type === "Identifier") return [node.name];
  if (node.type === "AssignmentPattern") return boundNames(node.left);
  if (node.type === "RestElement") return boundNames(node.argument);
  if (node.type === "ArrayPattern") return node.elements.flatMap((element) => (element === null ? [] : boundNames(element)));
  return node.properties.flatMap((property) => boundNames(property.value ?? property.argument ?? property));
}

/** Every `import(...)` and `import.meta` of the module, wherever it stands. */
function importsWithin(node: unknown, found: Node[] = []): Node[] {
  if (Array.isArray(node)) for (const item of node) importsWithin(item, found);
  else if (typeof node === "object" && node !== null && "type" in node) {
    const { type, meta } = node as Node & { readonly meta?: Name };
    if (type === "ImportExpression" || (type === "MetaProperty" && meta?.name === "import")) found.push(node as Node);
    for (const value of Object.values(node)) if (typeof value === "object") importsWithin(value, found);
  }
  return found;
}

/** A run of `$` that is longer than any in the source, with two at least: no name that begins with it is in there. */
function markFor(source: string): string {
  const runs = source.replace(/\\u(?:0024|\{0*24\})/g, "$").match(/\$+/g) ?? [];
  return "$".repeat(Math.max(1, ...runs.map(({ length }) => length)) + 1);
}

/** One edit of the source; what it takes out keeps its line breaks. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The line breaks of the text between. */
const breaksOf = (source: string, start: number, end: number) => source.slice(start, end).replace(/[^\n]/g, "");

/** `import` declarations as what is awaited first, in order; each checks that the names are there. */
function importLine({ specifiers = [], source }: Statement, mark: string): string {
  const from = source === undefined || source === null ? `""` : quoted(source);
  const names = specifiers.filter(({ type }) => type === "ImportSpecifier");
  const wanted = [
    ...names.map(({ imported }) => (imported === undefined ? `""` : quoted(imported))),
    ...specifiers.filter(({ type }) => type === "ImportDefaultSpecifier").map(() => `"default"`),
  ];
  const call = `await ${mark}import(${from}, [${wanted.join(", ")}])`;
  const bindings = specifiers.flatMap(({ type, imported, local }) =>
    type === "ImportSpecifier" && imported !== undefined
      ? [`${quoted(imported)}: ${local.name}`]
      : type === "ImportDefaultSpecifier"
        ? [`default: ${local.name}`]
        : [],
  );
  const whole = specifiers.find(({ type }) => type === "ImportNamespaceSpecifier");
  if (whole !== undefined && bindings.length > 0)
    return `const ${whole.local.name} = ${call}, { ${bindings.join(", ")} } = ${whole.local.name};`;
  if (whole !== undefined) return `const ${whole.local.name} = ${call};`;
  return bindings.length === 0 ? `${call};` : `const { ${bindings.join(", ")} } = ${call};`;
}

const compiled = new LRUCache<string, string>({ maxSize: 8_000_000, sizeCalculation: (js, key) => js.length + key.length + 1 });

/**
 * An expression that gives the function. `url` names it in frames. Throws acorn's SyntaxError, whose `loc.line` is the
 * line.
 */
export function moduleFunction(source: string, url: string): string {
  const key = `${url}\0${source}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const mark = markFor(source);
  const tree = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  const edits: Edit[] = [];
  const imports: string[] = [];
  const exports: string[] = [];
  const remove = (start: number, end: number, text = "") => edits.push({ start, end, text: text + breaksOf(source, start, end) });

  for (const statement of tree.body as unknown as Statement[]) {
    const { type, specifiers = [], declaration } = statement;
    if (type === "ImportDeclaration") {
      imports.push(importLine(statement, mark));
      remove(statement.start, statement.end, ";");
    } else if (type === "ExportAllDeclaration") {
      const from = statement.source === undefined || statement.source === null ? `""` : quoted(statement.source);
      const { exported } = statement;
      imports.push(
        exported === undefined || exported === null
          ? `${mark}export(await ${mark}import(${from}, []), true);`
          : `{ const all = await ${mark}import(${from}, []); ${mark}export({ get ${quoted(exported)}() { return all; } }); }`,
      );
      remove(statement.start, statement.end, ";");
    } else if (type === "ExportNamedDeclaration" && (declaration === null || declaration === undefined)) {
      if (statement.source === null || statement.source === undefined) {
        exports.push(...specifiers.map(({ local, exported }) => `get ${quoted(exported)}() { return ${nameOf(local)}; }`));
      } else {
        const wanted = specifiers.map(({ local }) => quoted(local)).join(", ");
        const getters = specifiers.map(({ local, exported }) => `get ${quoted(exported)}() { return all[${quoted(local)}]; }`);
        imports.push(
          `{ const all = await ${mark}import(${quoted(statement.source)}, [${wanted}]); ${mark}export({ ${getters.join(", ")} }); }`,
        );
      }
      remove(statement.start, statement.end, ";");
    } else if (type === "ExportNamedDeclaration" && declaration !== null && declaration !== undefined) {
      const names = declaration.declarations?.flatMap(({ id }) => boundNames(id)) ?? [declaration.id?.name ?? ""];
      exports.push(...names.map((name) => `get ${name}() { return ${name}; }`));
      remove(statement.start, declaration.start);
    } else if (type === "ExportDefaultDeclaration" && declaration !== null && declaration !== undefined) {
      const own = declaration.id?.name;
      if (own !== undefined && /^(Function|Class)Declaration$/.test(declaration.type)) {
        exports.push(`get default() { return ${own}; }`);
        remove(statement.start, declaration.start);
      } else {
        exports.push(`get default() { return ${mark}default; }`);
        remove(statement.start, declaration.start, `const ${mark}default = (`);
        edits.push({ start: declaration.end, end: statement.end, text: ");" });
      }
    }
  }
  let meta = "";
  for (const { type, start, end } of importsWithin(tree)) {
    if (type === "ImportExpression") edits.push({ start, end: start + "import".length, text: `${mark}import` });
    else {
      meta = `const ${mark}meta = { __proto__: null };`;
      remove(start, end, `${mark}meta`);
    }
  }

  let body = "";
  let done = 0;
  for (const { start, end, text } of edits.sort((a, b) => a.start - b.start || a.end - b.end)) {
    body += source.slice(done, start) + text;
    done = end;
  }
  body += source.slice(done);
  const head = `${meta}${exports.length === 0 ? "" : `${mark}export({ ${exports.join(", ")} });`} ${imports.join(" ")}`;
  const parameters = `${mark}import, ${mark}export`;
  const js = `(function () { "use strict"; return async (${parameters}) => { ${head} ${body}\n}; })()\n//# sourceURL=${url}`;
  compiled.set(key, js);
  return js;
}
