/**
 * Keys of objects that a program makes itself. A key counts only where its object can be met again: what is printed, or
 * given to a tool, is not read back, so `console.log({ units })` does not make `row.units` the program's own.
 */
import type { AnyNode } from "acorn";
import { type Imported, sinksOf } from "./flow.ts";
import { keyOf, type Syntax } from "./syntax.ts";

export interface OwnKeys {
  /** Keys that may be met on any value, in this program or, through a file, in a later one. */
  readonly anywhere: ReadonlySet<string>;
  /** Whether the key is one of the object that the variable holds. */
  has(variable: string, key: string): boolean;
}

export function ownKeysOf(syntax: Syntax, imports: ReadonlyMap<string, Imported>): OwnKeys {
  const anywhere = new Set<string>();
  const held = new Map<string, Set<string>>();
  for (const node of syntax.nodes) {
    if (node.type === "MethodDefinition" || node.type === "PropertyDefinition") add(keyOf(node));
    if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression" && !node.left.computed) {
      if (node.left.property.type === "Identifier") add(node.left.property.name);
    }
    if (node.type !== "Property" || syntax.parentOf(node)?.type !== "ObjectExpression") continue;
    const key = keyOf(node);
    const object = outermost(node, syntax);
    if (key === undefined) continue;
    const variable = holderOf(object, syntax);
    if (variable !== undefined) held.set(variable, (held.get(variable) ?? new Set()).add(key));
    if (sinksOf(object, syntax, imports).some((sink) => meetsAgain(sink, variable))) add(key);
  }
  return { anywhere, has: (variable, key) => held.get(variable)?.has(key) ?? false };

  function add(key: string | undefined): void {
    if (key !== undefined) anywhere.add(key);
  }

  function meetsAgain(sink: ReturnType<typeof sinksOf>[number], variable: string | undefined): boolean {
    if (sink.kind === "print") return false;
    // A file of its own may be read again; a tool's input may not.
    if (sink.kind === "call") return sink.from.startsWith("node:");
    const { node, parent } = sink;
    const readByName = parent.type === "MemberExpression" && parent.object === node && node.type === "Identifier";
    return !(readByName && node.name === variable);
  }
}

/** The literal that a property is part of, as a whole. */
function outermost(property: AnyNode, syntax: Syntax): AnyNode {
  let at = property;
  for (;;) {
    const parent = syntax.parentOf(at);
    if (parent === undefined || !/^(Property|ObjectExpression|ArrayExpression)$/.test(parent.type)) return at;
    at = parent;
  }
}

function holderOf(object: AnyNode, syntax: Syntax): string | undefined {
  const parent = syntax.parentOf(object);
  const name = parent?.type === "VariableDeclarator" && parent.id.type === "Identifier" ? parent.id.name : undefined;
  return name !== undefined && syntax.valueOf(name) === object ? name : undefined;
}
