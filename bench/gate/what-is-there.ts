/** For a budget that matches no record: the first of its fields that no record has, and what the records hold instead. */

import { nearest } from "../../contract/flags/selection.ts";
import { axisWords } from "../../contract/index.ts";
import type { Group } from "./cells.ts";
import { type Budget, choiceAxes } from "./files/budgets.ts";

/** Of the run's records. */
export interface Present {
  readonly groups: readonly Group[];
  /** `o200k_base json, ledger rules 1`. */
  readonly ledgers: readonly string[];
}

/** 50 before 400. */
const byNumber = new Intl.Collator("en-US", { numeric: true }).compare;

/** A message lists no more values than this. */
const shown = 8;

export function whatIsThere(budget: Budget, { groups, ledgers }: Present): string {
  if (groups.length === 0) return "There are no records.";
  const { scenario, mode, tools, params = {}, counter, serialisation, sandbox } = budget;
  const fields: readonly (readonly [name: string, wanted: string | undefined, of: (group: Group) => string | undefined])[] = [
    ["scenario", scenario, (group) => group.scenario],
    ["mode", mode, (group) => group.mode],
    ...Object.entries(params).map(
      ([name, value]) =>
        [`parameter ${name}`, JSON.stringify(value), (group: Group) => JSON.stringify(group.params[name] ?? null)] as const,
    ),
    ["tools", tools === undefined ? undefined : String(tools), (group) => String(group.tools ?? "own")],
    ...choiceAxes
      .filter((axis) => axis !== "sandbox")
      .map((axis) => [axisWords(axis), budget[axis], (group: Group) => group[axis] ?? undefined] as const),
  ];
  let left = groups;
  for (const [name, wanted, of] of fields) {
    if (wanted === undefined) continue;
    const next = left.filter((group) => of(group) === wanted);
    if (next.length === 0) return missing(name, wanted, left.map(of));
    left = next;
  }
  if (counter !== undefined || serialisation !== undefined) return `Their figures are of ${ledgers.join("; ") || "no counter"}.`;
  return sandbox === undefined ? "" : `None of them ran on sandbox ${sandbox}.`;
}

/** `undefined` of `values`: a group whose mode has no such choice. */
function missing(name: string, wanted: string, values: readonly (string | undefined)[]): string {
  const there = [...new Set(values)].filter((value) => value !== undefined).sort(byNumber);
  if (there.length === 0) return `None has ${name === "policy" ? "a policy" : name}: leave it out.`;
  // A near name was probably meant; a near number was not.
  const close = name === "scenario" || name === "mode" ? nearest(wanted, there) : undefined;
  const rest = there.length > shown ? `, and ${there.length - shown} more` : "";
  const mean = close === undefined ? "" : ` Did you mean ${close}?`;
  return `None has ${name} ${wanted}.${mean} There is: ${there.slice(0, shown).join(", ")}${rest}.`;
}
