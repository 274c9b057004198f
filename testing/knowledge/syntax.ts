/** A program's syntax tree with what acorn leaves to its reader: parents, bindings and references. */
import { stripTypeScriptTypes } from "node:module";
import { type AnyNode, type Expression, type Identifier, type Node, parse, type VariableDeclarator } from "acorn";

export interface Syntax {
  /** Every node, outer ones first. */
  readonly nodes: readonly AnyNode[];
  parentOf(node: AnyNode): AnyNode | undefined;
  /** From 1. */
  lineOf(node: AnyNode): number;
  /** Names that the program declares, imports included. Scopes are ignored: a name declared twice has no value. */
  readonly declared: ReadonlySet<string>;
  /** What the name's only declaration begins with; absent for parameters, imports, patterns and names declared twice. */
  valueOf(name: string): Expression | undefined;
  /** The parameter of a `catch` has this name. */
  isCaught(name: string): boolean;
  /** Where the name is used: declarations, property names and labels are left out. */
  references(name: string): readonly Identifier[];
}

/** Throws SyntaxError for what is no TypeScript program. Types are blanked, so that lines stay. */
export function syntaxOf(code: string): Syntax {
  const tree = parse(stripTypeScriptTypes(code), { ecmaVersion: "latest", sourceType: "module", locations: true });
  const parents = new Map<AnyNode, AnyNode>();
  const nodes: AnyNode[] = [];
  visit(tree as AnyNode);
  const declarations = nodes.flatMap((node) => declaredBy(node, parents.get(node)));
  const declaring = new Set<AnyNode>(declarations.map(({ id }) => id));
  const references = new Map<string, Identifier[]>();
  for (const node of nodes) {
    if (node.type !== "Identifier" || declaring.has(node) || isLabel(node, parents.get(node))) continue;
    const known = references.get(node.name);
    if (known === undefined) references.set(node.name, [node]);
    else known.push(node);
  }
  return {
    nodes,
    parentOf: (node) => parents.get(node),
    lineOf: (node) => node.loc?.start.line ?? 0,
    declared: new Set(declarations.map(({ id }) => id.name)),
    valueOf(name) {
      const found = declarations.filter(({ id }) => id.name === name);
      return found.length === 1 ? found[0]?.init : undefined;
    },
    isCaught: (name) => declarations.some(({ id, caught }) => caught && id.name === name),
    references: (name) => references.get(name) ?? [],
  };

  function visit(node: AnyNode): void {
    nodes.push(node);
    for (const child of childrenOf(node)) {
      parents.set(child, node);
      visit(child);
    }
  }
}

/** A literal's text: of a string, or of a template without parts that are computed. */
export function textOf(node: AnyNode | null | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

/** The name of a property that is written as a name or as a string. */
export function keyOf(node: { readonly key: AnyNode; readonly computed?: boolean }): string | undefined {
  return !node.computed && node.key.type === "Identifier" ? node.key.name : textOf(node.key);
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node)
    .flat()
    .filter((value): value is AnyNode => typeof value === "object" && value !== null && typeof value.type === "string");
}

interface Declaration {
  readonly id: Identifier;
  readonly init?: Expression;
  readonly caught?: boolean;
}

function declaredBy(node: AnyNode, parent: AnyNode | undefined): Declaration[] {
  switch (node.type) {
    case "VariableDeclarator":
      return variable(node, parent);
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return [...named(node.id), ...node.params.flatMap(namesIn).map((id) => ({ id }))];
    case "ClassDeclaration":
    case "ClassExpression":
      return named(node.id);
    case "CatchClause":
      return namesIn(node.param).map((id) => ({ id, caught: true }));
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
      return [{ id: node.local }];
    default:
      return [];
  }
}

function variable({ id, init }: VariableDeclarator, parent: AnyNode | undefined): Declaration[] {
  const constant = parent?.type === "VariableDeclaration" && parent.kind === "const";
  if (id.type === "Identifier") return [{ id, ...(constant && init ? { init } : {}) }];
  return namesIn(id).map((id) => ({ id }));
}

function named(id: Node | null | undefined): Declaration[] {
  return namesIn(id as AnyNode | null | undefined).map((id) => ({ id }));
}

/** Names that a pattern binds. */
function namesIn(pattern: AnyNode | null | undefined): Identifier[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern];
    case "AssignmentPattern":
      return namesIn(pattern.left);
    case "RestElement":
      return namesIn(pattern.argument);
    case "ArrayPattern":
      return pattern.elements.flatMap(namesIn);
    case "ObjectPattern":
      return pattern.properties.flatMap((property) => namesIn(property.type === "Property" ? property.value : property));
    default:
      return [];
  }
}

/** An identifier that names no variable: a property's name, an import's or an export's, a statement's label. */
function isLabel(node: Identifier, parent: AnyNode | undefined): boolean {
  switch (parent?.type) {
    case "MemberExpression":
      return parent.property === node && !parent.computed;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      return parent.key === node && !parent.computed;
    case "ImportSpecifier":
    case "ExportSpecifier":
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
      return true;
    default:
      return false;
  }
}
