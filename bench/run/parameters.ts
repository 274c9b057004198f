/** `--param name=value` against the scenarios' own parameter schemas. */
import { z } from "zod";
import { nearest } from "../../contract/flags/selection.ts";
import { BenchError, type Params, type Scenario } from "../../contract/index.ts";

/** Names of a scenario's parameters, in their declared order. */
function namesOf(scenario: Scenario): readonly string[] {
  return Object.keys(z.toJSONSchema(scenario.params, { io: "input" }).properties ?? {});
}

/**
 * The parameter sets that each scenario is played with: its own variants with the given values laid over them, or,
 * where a given name is one that the variants vary, the given values alone. A name given twice makes a grid.
 *
 * Throws `BenchError` USAGE for a malformed parameter, a name that no selected scenario has, or a value out of range.
 */
export function parameterSets(scenarios: readonly Scenario[], given: readonly string[]): Map<string, Params[]> {
  const values = new Map<string, unknown[]>();
  for (const text of given) {
    const at = text.indexOf("=");
    if (at < 1) throw new BenchError("USAGE", { problem: `"${text}" is not a parameter.`, fix: "Write --param name=value." });
    const name = text.slice(0, at);
    values.set(name, [...(values.get(name) ?? []), parseValue(text.slice(at + 1))]);
  }
  const known = new Map(scenarios.map((scenario) => [scenario.id, new Set(namesOf(scenario))]));
  for (const name of values.keys()) {
    if ([...known.values()].some((names) => names.has(name))) continue;
    const all = [...new Set([...known.values()].flatMap((names) => [...names]))];
    throw new BenchError("UNKNOWN_ID", { kind: "parameter", id: name, nearest: nearest(name, all), known: all.join(", ") });
  }
  return new Map(scenarios.map((scenario) => [scenario.id, setsOf(scenario, values, known.get(scenario.id) ?? new Set())]));
}

function setsOf(scenario: Scenario, values: ReadonlyMap<string, readonly unknown[]>, names: ReadonlySet<string>): Params[] {
  const mine = [...values].filter(([name]) => names.has(name));
  const varied = new Set(scenario.variants.flatMap((variant) => Object.keys(variant)));
  const bases: readonly Partial<Params>[] = mine.some(([name]) => varied.has(name)) ? [{}] : scenario.variants;
  let sets: { readonly [name: string]: unknown }[] = bases.map((base) => ({ ...base }));
  for (const [name, choices] of mine) sets = sets.flatMap((set) => choices.map((value) => ({ ...set, [name]: value })));
  const parsed = sets.map((set) => parse(scenario, set));
  return [...new Map(parsed.map((params) => [JSON.stringify(params), params])).values()];
}

function parse(scenario: Scenario, set: { readonly [name: string]: unknown }): Params {
  const result = scenario.params.safeParse(set);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new BenchError("USAGE", {
    problem: `Scenario "${scenario.id}" does not take these parameters: ${problems.join("; ")}.`,
    fix: "Run `mcp-code-bench list scenarios` to see the ranges.",
  });
}

/** Numbers and booleans as such, everything else as text; the schema decides whether that is right. */
function parseValue(text: string): number | boolean | string {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}
