/** Everything that one program uses and has to know: its syntax tree read as a list of uses. */
import type { AnyNode, MemberExpression } from "acorn";
import { importsOf, methodOf, type Sink, sinksOf } from "./flow.ts";
import { grantedBy, isOfClass, isStatic, languageGlobals, methods } from "./language.ts";
import { ownKeysOf } from "./own-keys.ts";
import { keyOf, syntaxOf, textOf } from "./syntax.ts";
import { says } from "./text.ts";
import type { Use } from "./use.ts";

export interface ProgramUses {
  readonly uses: readonly Use[];
  /** Files that it writes, and keys of objects that a later program may meet in them. */
  readonly ownFiles: ReadonlySet<string>;
  readonly ownKeys: ReadonlySet<string>;
}

type UseWithoutPlace = Omit<Use, "at">;

/** Numbers that shape a program and say nothing about content: none, one, a pair, and the steps between units. */
const structural = new Set([0, 1, 2, 10, 60, 100, 1000, 3600]);
/** Functions of the guest that make the file or folder that they are given. */
const writers = new Set(["writeFile", "mkdir"]);

/** `ownKeys`: those of earlier programs. Throws SyntaxError for what is no TypeScript program. */
export function programUses(code: string, ownKeys: ReadonlySet<string> = new Set()): ProgramUses {
  const syntax = syntaxOf(code);
  const imports = importsOf(syntax);
  const own = ownKeysOf(syntax, imports);
  const ownFiles = new Set<string>();
  const uses: Use[] = [];
  for (const node of syntax.nodes) {
    const found = new Map(usesOf(node).map((use) => [`${use.kind} ${use.name} ${use.of}`, use]));
    for (const use of found.values()) uses.push({ ...use, at: syntax.lineOf(node) });
  }
  return { uses, ownFiles, ownKeys: own.anywhere };

  function usesOf(node: AnyNode): UseWithoutPlace[] {
    switch (node.type) {
      case "ImportDeclaration":
        return importUses(node.source.value);
      case "ImportExpression":
        return importUses(textOf(node.source));
      case "Identifier":
        return globalUses(node.name, node);
      case "MemberExpression":
        return memberUses(node);
      case "Property":
        return propertyUses(node);
      case "ArrayPattern":
        return positionsOf(node);
      case "TemplateElement":
        return textUses(node, node.value.cooked ?? "");
      case "Literal":
        if (typeof node.value === "string") return textUses(node, node.value);
        if (typeof node.value === "number") return numberUses(node, node.value);
        if (node.regex !== undefined) return patternWords(node.regex.pattern).map((name) => ({ kind: "text", name }));
        return [];
      default:
        return [];
    }
  }

  function importUses(from: unknown): UseWithoutPlace[] {
    const specifier = typeof from === "string" ? from : "import(...)";
    const names = [...imports.values()].filter((imported) => imported.from === specifier).map(({ name }) => name);
    const file = fileOf(specifier);
    if (file === undefined) return [specifier, ...names].map((name) => ({ kind: "platform", name }));
    return [{ kind: "file", name: file }, ...names.map((name) => ({ kind: "export" as const, name, of: file }))];
  }

  function globalUses(name: string, node: AnyNode): UseWithoutPlace[] {
    if (!syntax.references(name).some((reference) => reference === node)) return [];
    if (syntax.declared.has(name) || languageGlobals.has(name) || name === "arguments") return [];
    return [{ kind: "platform", name: grantedBy[name] ?? name }];
  }

  function memberUses(node: MemberExpression): UseWithoutPlace[] {
    const { property, computed, object } = node;
    if (property.type === "PrivateIdentifier") return [];
    if (computed && property.type === "Literal" && typeof property.value === "number") {
      return property.value > 1 || isCutFromText(object) ? [position(property.value)] : [];
    }
    const name = computed ? textOf(resolved(property)) : property.type === "Identifier" ? property.name : undefined;
    if (name === undefined || isOwn(object, name) || isLanguage(node, name)) return [];
    return [{ kind: "field", name }];
  }

  function isOwn(object: AnyNode, name: string): boolean {
    if (object.type === "ThisExpression" || own.anywhere.has(name) || ownKeys.has(name)) return true;
    const root = rootOf(object);
    return root.type === "Identifier" && own.has(root.name, name);
  }

  function isLanguage(node: MemberExpression, name: string): boolean {
    const { object } = node;
    const call = syntax.parentOf(node);
    if (call?.type === "CallExpression" && call.callee === node && methods.has(name)) return true;
    if (name === "length" || object.type === "MetaProperty") return true;
    if (object.type !== "Identifier") return isMade(object, name);
    if (!syntax.declared.has(object.name) && (isStatic(object.name, name) || object.name === "console")) return true;
    if (syntax.isCaught(object.name)) return isOfClass("Error", name);
    return isMade(syntax.valueOf(object.name), name);
  }

  /** A property of an object that a standard class made: `new Map().size`. */
  function isMade(value: AnyNode | undefined, property: string): boolean {
    return value?.type === "NewExpression" && value.callee.type === "Identifier" && isOfClass(value.callee.name, property);
  }

  function propertyUses(node: AnyNode & { type: "Property" }): UseWithoutPlace[] {
    const name = keyOf(node);
    const parent = syntax.parentOf(node);
    if (name === undefined || parent === undefined) return [];
    if (parent.type === "ObjectPattern") {
      const from = syntax.parentOf(parent);
      const value = from?.type === "VariableDeclarator" ? from.init : undefined;
      return name === "length" || (value && isOwn(value, name)) || own.anywhere.has(name) || ownKeys.has(name)
        ? []
        : [{ kind: "field", name }];
    }
    return sinksOf(parent, syntax, imports).flatMap((sink) => {
      const file = sink.kind === "call" ? fileOf(sink.from) : undefined;
      return file === undefined ? [] : [{ kind: "inputKey" as const, name, of: file }];
    });
  }

  /** Elements of a row that are taken by their place. Lines of a text, pairs and the program's own lists are no rows. */
  function positionsOf(node: AnyNode & { type: "ArrayPattern" }): UseWithoutPlace[] {
    const parent = syntax.parentOf(node);
    const value = parent?.type === "VariableDeclarator" ? parent.init : undefined;
    const first = isCutFromText(value) ? 0 : 2;
    if (isOwnList(value)) return [];
    return node.elements.flatMap((element, at) =>
      element === null || element.type === "RestElement" || at < first ? [] : [position(at)],
    );
  }

  function isOwnList(value: AnyNode | null | undefined): boolean {
    if (value?.type === "AwaitExpression" || value?.type === "ChainExpression") {
      return isOwnList(value.type === "AwaitExpression" ? value.argument : value.expression);
    }
    if (value?.type === "LogicalExpression") return isOwnList(value.left);
    if (value?.type === "ArrayExpression") return true;
    return value?.type === "CallExpression" && ["all", "allSettled", "exec", "match"].includes(methodOf(value) ?? "");
  }

  /** Cells of a line: what `split` makes with another separator than a line break. */
  function isCutFromText(value: AnyNode | null | undefined): boolean {
    const made = value?.type === "Identifier" ? syntax.valueOf(value.name) : value;
    if (made?.type !== "CallExpression" || methodOf(made) !== "split") return false;
    const separator = textOf(made.arguments[0]);
    return separator !== undefined && !separator.includes("\n");
  }

  function textUses(node: AnyNode, text: string): UseWithoutPlace[] {
    const parent = syntax.parentOf(node);
    if (!says(text) || parent === undefined || isNoText(node, parent)) return [];
    return sinksOf(node, syntax, imports).flatMap((sink) => textUse(text, sink));
  }

  /** Strings that stand where a name does: imported modules, keys, directives. */
  function isNoText(node: AnyNode, parent: AnyNode): boolean {
    if (/^(Import|Export)/.test(parent.type)) return true;
    if (parent.type === "ExpressionStatement" || (parent.type === "MemberExpression" && parent.property === node)) return true;
    return parent.type === "Property" && parent.key === node && !parent.computed;
  }

  function textUse(text: string, sink: Sink): UseWithoutPlace[] {
    if (sink.kind === "print") return [];
    if (sink.kind === "call") {
      const file = fileOf(sink.from);
      if (file !== undefined) return [{ kind: "inputText", name: text, of: file }];
      // Beyond the path, what the guest's own functions take is their own: an encoding, a file's text.
      if (sink.index > 0) return [];
      if (writers.has(sink.imported)) ownFiles.add(text);
      return [pathUse(text) ?? { kind: "text", name: text }];
    }
    const { node, parent } = sink;
    if (parent.type === "MemberExpression" && parent.property === node) return [];
    if (parent.type === "BinaryExpression") {
      const other = parent.left === node ? parent.right : parent.left;
      if (other.type === "UnaryExpression" && other.operator === "typeof") return [];
      if (parent.operator === "in" && parent.left === node) return [{ kind: "column", name: text }];
    }
    if (parent.type === "CallExpression" && isLookUp(parent)) return [{ kind: "column", name: text }];
    return [pathUse(text) ?? { kind: "text", name: text }];
  }

  /** `header.indexOf("Status")`, where the result is a place in another row. */
  function isLookUp(call: AnyNode & { type: "CallExpression" }): boolean {
    const method = methodOf(call);
    if (method === "hasOwn") return true;
    if (method !== "indexOf" && method !== "lastIndexOf") return false;
    return sinksOf(call, syntax, imports).some(
      (sink) => sink.kind === "other" && sink.parent.type === "MemberExpression" && sink.parent.property === sink.node,
    );
  }

  function numberUses(node: AnyNode, value: number): UseWithoutPlace[] {
    const parent = syntax.parentOf(node);
    const isPlace = parent?.type === "MemberExpression" || (parent?.type === "Property" && parent.key === node);
    if (structural.has(value) || isPlace || isPrinted(node)) return [];
    return parent?.type === "CallExpression" && isCut(parent) && isPrinted(parent)
      ? []
      : [{ kind: "number", name: String(value) }];
  }

  function isPrinted(node: AnyNode): boolean {
    return sinksOf(node, syntax, imports).every(({ kind }) => kind === "print");
  }

  /** The value that a constant stands for. */
  function resolved(node: AnyNode): AnyNode {
    return (node.type === "Identifier" ? syntax.valueOf(node.name) : undefined) ?? node;
  }
}

/** `text.slice(0, 500)`: the beginning of something, as long as the program likes. */
function isCut(call: AnyNode & { type: "CallExpression" }): boolean {
  const [from] = call.arguments;
  return ["slice", "substring"].includes(methodOf(call) ?? "") && from?.type === "Literal" && from.value === 0;
}

/** What a chain of properties begins with. */
function rootOf(node: AnyNode): AnyNode {
  return node.type === "MemberExpression" ? rootOf(node.object) : node;
}

function position(at: number): UseWithoutPlace {
  return { kind: "position", name: String(at) };
}

/** A tool's file as the tree names it, from an import's specifier; undefined for other modules. */
function fileOf(specifier: string): string | undefined {
  return /^(?:\.\/|\/workspace\/)(servers\/.*)$/.exec(specifier)?.[1];
}

function pathUse(text: string): UseWithoutPlace | undefined {
  const path = text.replace(/^\.\/|\/$/g, "");
  return path === "servers" || path.startsWith("servers/") ? { kind: "file", name: path } : undefined;
}

/** The words that a pattern asks for: what is left of it without escapes, classes, counts and names of groups. */
function patternWords(pattern: string): string[] {
  const bare = pattern.replace(
    /\\[pPuxk]\{[^}]*\}|\\k<[^>]*>|\\.|\[(?:\\.|[^\]\\])*\]|\{[\d,]*\}|\(\?(?:<[A-Za-z_$][\w$]*>|<?[=!]|:)/g,
    " ",
  );
  return bare.match(/[\p{L}\p{N}_]+/gu) ?? [];
}
