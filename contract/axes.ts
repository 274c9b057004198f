/**
 * The axes of a cell, declared once. The key's type and the record's schema, the flags that choose values, the columns of
 * the CSV, the groups of the lockfile and the comparisons of the figures follow from this table: a new axis is one entry
 * here, and its values in the plan.
 */
import { z } from "zod";
import { outputSchemaChoices, policies } from "./mode.ts";
import type { RunConfig } from "./plan.ts";
import { roles } from "./roles.ts";
import { languages } from "./sandbox.ts";

/**
 * `subject`: what is held equal when two ways are compared. `way`: how the subject is played. `sample`: one of several
 * plays of the same. `role`: why the cell is played.
 */
type Part = "subject" | "way" | "sample" | "role";

interface Axis<P extends Part, S extends z.ZodType> {
  readonly part: P;
  /** Of its values in a key. `null` is said where the schema allows it. */
  readonly schema: S;
  /** Tokens may depend on it: it is part of a baseline's groups. */
  readonly tokens: boolean;
  /** The list in a run's configuration that names its values, in the order in which they are shown. */
  readonly asked?: keyof RunConfig;
  /** How it is said in a report; `""`: it goes without saying. */
  readonly words: (value: z.output<S>) => string;
}

const count = z.int().nonnegative();
const axis = <P extends Part, S extends z.ZodType>(
  part: P,
  schema: S,
  rest: Omit<Axis<P, S>, "part" | "schema" | "tokens"> & { readonly tokens?: false },
): Axis<P, S> => ({ part, schema, tokens: part === "subject" || part === "way", ...rest });

/** In the order of the key's fields. */
export const axes = {
  scenario: axis("subject", z.string(), { words: String }),
  /** Flat, so that they fit a command line, a CSV column and a record. */
  params: axis("subject", z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])), {
    words: (params) =>
      Object.entries(params)
        .map(([name, value]) => `${name}=${value}`)
        .join(", "),
  }),
  /** Definitions that the direct mode sees; `null`: the scenario's own only. */
  tools: axis("subject", count.nullable(), {
    asked: "tools",
    words: (tools) => (tools === null ? "own tools" : `${tools} tools`),
  }),
  model: axis("subject", z.string(), { asked: "models", words: (model) => (model === "scripted" ? "" : model) }),
  mode: axis("way", z.string(), { words: String }),
  /** `null` in modes whose agent has no choice. */
  policy: axis("way", z.enum(policies).nullable(), {
    asked: "policies",
    words: (policy) => (policy === null ? "" : `policy ${policy}`),
  }),
  /** `null` in modes that do not show them. */
  outputSchemas: axis("way", z.enum(outputSchemaChoices).nullable(), {
    asked: "outputSchemas",
    words: (choice) => (choice === null || choice === "real" ? "" : `output schemas ${choice}`),
  }),
  /** What programs are written in; `null` in modes without programs. */
  language: axis("way", z.enum(languages).nullable(), {
    asked: "languages",
    words: (language) => (language === null || language === "javascript" ? "" : `in ${language}`),
  }),
  /** `null` in modes that use no sandbox. Model-read text is the same on every one. */
  sandbox: axis("way", z.string().nullable(), {
    tokens: false,
    words: (sandbox) => (sandbox === null ? "" : `on ${sandbox}`),
  }),
  seed: axis("sample", z.int(), { words: (seed) => `seed ${seed}` }),
  repetition: axis("sample", count, { words: (repetition) => (repetition === 0 ? "" : `repetition ${repetition}`) }),
  role: axis("role", z.enum(roles), { words: (role) => (role === "figure" ? "" : role) }),
};

export type AxisName = keyof typeof axes;
type NameOf<P extends Part> = { [A in AxisName]: (typeof axes)[A] extends Axis<P, infer _> ? A : never }[AxisName];
type ValueOf<A extends AxisName> = z.output<(typeof axes)[A]["schema"]>;
type Fields<A extends AxisName> = { readonly [K in A]: Readonly<ValueOf<K>> };

/** What names a cell: two records with the same key describe the same work. */
export type CellKey = Fields<AxisName>;
/** What is held equal when two ways are compared. */
export type Subject = Fields<NameOf<"subject">>;
/** How a subject is played. */
export type Way = Fields<NameOf<"way">>;

export const axisNames = Object.keys(axes) as readonly AxisName[];
const namesOf = <P extends Part>(part: P) => axisNames.filter((name): name is NameOf<P> => axes[name].part === part);
export const subjectAxes = namesOf("subject");
export const wayAxes = namesOf("way");
/** What tokens may depend on, without the sample. */
export const tokenAxes = axisNames.filter((name) => axes[name].tokens);

export const cellKey = z.object(
  Object.fromEntries(axisNames.map((name) => [name, axes[name].schema])) as {
    [A in AxisName]: (typeof axes)[A]["schema"];
  },
);

/** The fields of some axes, in the table's order. */
export function pick<A extends AxisName>(key: Fields<A>, names: readonly A[]): Fields<A> {
  return Object.fromEntries(names.map((name) => [name, key[name]])) as Fields<A>;
}

/** Equal for equal values, in whatever order parameters stand. */
export function nameOf<A extends AxisName>(key: Fields<A>, names: readonly A[]): string {
  return JSON.stringify(names.map((name) => (name === "params" ? sorted(key[name]) : key[name])));
}

const sorted = (params: unknown) => Object.entries(params as object).sort(([a], [b]) => (a < b ? -1 : 1));

/** A choice by its axis and value, said even where it goes without saying: `output schemas real`. */
export function choiceText<A extends AxisName>(key: { readonly [K in A]?: unknown }, name: A): string {
  return `${axisWords(name)} ${String(key[name])}`;
}

/** `outputSchemas` as `output schemas`. */
export const axisWords = (name: AxisName): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** What the axes say of a key, one text each; axes that go without saying are left out. */
export function wordsOf<A extends AxisName>(key: Fields<A>, names: readonly A[]): readonly string[] {
  return names.map((name) => (axes[name].words as (value: unknown) => string)(key[name])).filter((text) => text !== "");
}
