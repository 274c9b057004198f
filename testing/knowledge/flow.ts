/** Where the value of an expression goes: through literals, templates, constants and what only rearranges it, to its end. */
import type { AnyNode, CallExpression } from "acorn";
import type { Syntax } from "./syntax.ts";

export type Sink =
  /** Shown to the model: `console.*`, or the text of an error. */
  | { readonly kind: "print" }
  /** An argument of a function that the program imports. */
  | { readonly kind: "call"; readonly from: string; readonly imported: string; readonly index: number }
  /** Anything else: `node` in `parent`. */
  | { readonly kind: "other"; readonly node: AnyNode; readonly parent: AnyNode };

export interface Imported {
  /** The module's specifier. */
  readonly from: string;
  readonly name: string;
}

/** The program's imports by the names that it gives them. */
export function importsOf({ nodes }: Syntax): ReadonlyMap<string, Imported> {
  const found = new Map<string, Imported>();
  for (const node of nodes) {
    if (node.type !== "ImportDeclaration") continue;
    for (const specifier of node.specifiers) {
      if (specifier.type !== "ImportSpecifier") continue;
      const { imported, local } = specifier;
      const name = imported.type === "Identifier" ? imported.name : String(imported.value);
      found.set(local.name, { from: String(node.source.value), name });
    }
  }
  return found;
}

/** Methods whose result is made of what they are called on. */
const rearranging = new Set(["join", "concat", "flat", "slice", "trim", "padStart", "padEnd", "repeat"]);
/** Functions whose result is made of their argument. */
const rewriting = new Set(["JSON.stringify", "String", "Object.fromEntries", "Object.entries"]);
/** Methods whose result is made of what their callback returns. */
const collecting = new Set(["map", "flatMap", "from", "then"]);

export function sinksOf(node: AnyNode, syntax: Syntax, imports: ReadonlyMap<string, Imported>): readonly Sink[] {
  const seen = new Set<AnyNode>();
  const sinks: Sink[] = [];
  follow(node);
  return sinks;

  function follow(node: AnyNode): void {
    const parent = syntax.parentOf(node);
    if (parent === undefined || seen.has(node)) return;
    seen.add(node);
    const next = passedOn(node, parent);
    if (next !== undefined) for (const further of next) follow(further);
    else sinks.push(endOf(node, parent));
  }

  /** What holds the value next; undefined: it goes no further. */
  function passedOn(node: AnyNode, parent: AnyNode): readonly AnyNode[] | undefined {
    switch (parent.type) {
      case "TemplateLiteral":
      case "ArrayExpression":
      case "ObjectExpression":
      case "SpreadElement":
      case "LogicalExpression":
      case "AwaitExpression":
      case "ChainExpression":
        return [parent];
      case "ConditionalExpression":
        return parent.test === node ? undefined : [parent];
      case "Property":
        return parent.value === node ? [parent] : undefined;
      case "BinaryExpression":
        return parent.operator === "+" ? [parent] : undefined;
      case "VariableDeclarator":
        return parent.id.type === "Identifier" && syntax.valueOf(parent.id.name) === node
          ? syntax.references(parent.id.name)
          : undefined;
      case "MemberExpression": {
        const call = syntax.parentOf(parent);
        const called = parent.object === node && call?.type === "CallExpression" && call.callee === parent;
        return called && rearranging.has(methodOf(call) ?? "") ? [call] : undefined;
      }
      case "ArrowFunctionExpression":
        return parent.body === node ? collectedBy(parent) : undefined;
      case "ReturnStatement":
        return collectedBy(functionAround(parent));
      case "CallExpression":
        return parent.callee !== node && rewriting.has(calleeText(parent)) ? [parent] : undefined;
      default:
        return undefined;
    }
  }

  function functionAround(node: AnyNode): AnyNode | undefined {
    let at = syntax.parentOf(node);
    while (at !== undefined && !/Function/.test(at.type)) at = syntax.parentOf(at);
    return at;
  }

  /** The call that makes its result of what this callback returns. */
  function collectedBy(callback: AnyNode | undefined): readonly AnyNode[] | undefined {
    const call = callback === undefined ? undefined : syntax.parentOf(callback);
    return call?.type === "CallExpression" && collecting.has(methodOf(call) ?? "") ? [call] : undefined;
  }

  function endOf(node: AnyNode, parent: AnyNode): Sink {
    if (parent.type === "NewExpression" && parent.callee !== node) {
      const { callee } = parent;
      if (callee.type === "Identifier" && callee.name.endsWith("Error") && !syntax.declared.has(callee.name))
        return { kind: "print" };
    }
    if (parent.type === "CallExpression" && parent.callee !== node) {
      if (calleeText(parent).startsWith("console.")) return { kind: "print" };
      const imported = parent.callee.type === "Identifier" ? imports.get(parent.callee.name) : undefined;
      const index = (parent.arguments as AnyNode[]).indexOf(node);
      if (imported !== undefined) return { kind: "call", from: imported.from, imported: imported.name, index };
    }
    return { kind: "other", node, parent };
  }
}

/** The method that a call calls, by name. */
export function methodOf({ callee }: CallExpression): string | undefined {
  if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") return undefined;
  return callee.property.name;
}

/** `String` or `JSON.stringify`; empty for what is called otherwise. */
function calleeText(call: CallExpression): string {
  const { callee } = call;
  if (callee.type === "Identifier") return callee.name;
  const owner = callee.type === "MemberExpression" && callee.object.type === "Identifier" ? callee.object.name : undefined;
  const method = methodOf(call);
  return owner === undefined || method === undefined ? "" : `${owner}.${method}`;
}
