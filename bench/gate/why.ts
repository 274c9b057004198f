/** Which cause and which tool or block tokens belong to. Exact: the items of a cell add up to its figures. */
import { type Cause, type ItemMeasure, itemMeasures, type Measure, type TokenItem } from "../../contract/index.ts";
import type { Why } from "./report.ts";

/** By how much each item grew from one cell to another of the same work, without those that stayed the same. */
export function growth(measure: ItemMeasure, seed: number, before: readonly TokenItem[], now: readonly TokenItem[]): Why {
  return { kind: "growth", measure, seed, causes: byCause(measure, [...before.map(negative), ...now]) };
}

/** What a cell's tokens are, largest first. */
export function content(measure: ItemMeasure, seed: number, items: readonly TokenItem[]): Why {
  return { kind: "content", measure, seed, causes: byCause(measure, items) };
}

/** The measures with items that a budget's measure stands for. */
export function toldMeasures(measure: Measure | "billed"): readonly ItemMeasure[] {
  return measure === "billed" ? ["billedInput", "billedOutput"] : itemMeasures.filter((known) => known === measure);
}

function negative(item: TokenItem): TokenItem {
  return { ...item, peakContext: -item.peakContext, billedInput: -item.billedInput, billedOutput: -item.billedOutput };
}

function byCause(measure: ItemMeasure, items: readonly TokenItem[]): Why["causes"] {
  const causes = new Map<Cause, Map<string, number>>();
  for (const item of items) {
    const names = causes.get(item.cause) ?? new Map<string, number>();
    causes.set(item.cause, names.set(item.name, (names.get(item.name) ?? 0) + item[measure]));
  }
  return [...causes]
    .map(([cause, names]) => ({
      cause,
      tokens: [...names.values()].reduce((sum, tokens) => sum + tokens, 0),
      items: [...names]
        .map(([name, tokens]) => ({ name, tokens }))
        .filter(({ tokens }) => tokens !== 0)
        .sort(largestFirst),
    }))
    .filter(({ items: parts }) => parts.length > 0)
    .sort(largestFirst);
}

const largestFirst = (a: { readonly tokens: number }, b: { readonly tokens: number }): number => b.tokens - a.tokens;
