/**
 * Whether figures add up: a ledger's totals to its table, and items to the primary table. Written by hand, not as a schema:
 * a record has some six hundred figures by cause, and a schema would take most of the gate's time.
 */
import {
  type Cause,
  causes,
  type ItemMeasure,
  itemMeasures,
  type Measure,
  measures,
  type TokenItem,
} from "../../contract/index.ts";
import { number } from "./report.ts";

/** What does not add up: where, below the record, and what is wrong there. */
export interface Mismatch {
  readonly path: (string | number)[];
  readonly message: string;
}

/** As far as it is known before its table is looked at. */
interface Summed {
  readonly table: unknown;
  readonly totals: { readonly [M in Measure]: number };
}

const knownCauses: ReadonlySet<string> = new Set(causes);

/** The first figure of a ledger that does not add up, or is not a whole number of tokens by a known cause. */
export function ledgerMismatch({ table, totals }: Summed): Mismatch | undefined {
  if (!isObject(table)) return { path: ["table"], message: "expected tokens by measure and cause" };
  for (const measure of measures) {
    const row = table[measure];
    if (!isObject(row)) return { path: ["table", measure], message: "expected tokens by cause" };
    let sum = 0;
    for (const cause of Object.keys(row)) {
      const tokens = row[cause];
      if (!knownCauses.has(cause)) return { path: ["table", measure, cause], message: "is not a cause" };
      if (!isCount(tokens)) return { path: ["table", measure, cause], message: "expected a whole number of tokens" };
      sum += tokens;
    }
    const total = totals[measure];
    if (sum !== total) {
      return { path: ["totals", measure], message: `${number(total)}, and its table adds up to ${number(sum)}` };
    }
  }
  return undefined;
}

/** The first cause whose items do not add up to the table of the primary ledger, which must have passed `ledgerMismatch`. */
export function itemsMismatch(items: readonly TokenItem[], { table }: Summed): Mismatch | undefined {
  for (const measure of itemMeasures) {
    const found = sumsByCause(items, measure);
    const row = isObject(table) ? table[measure] : undefined;
    for (const cause of causes) {
      const sum = found[cause] ?? 0;
      const tokens = isObject(row) ? row[cause] : undefined;
      if (sum === (tokens ?? 0)) continue;
      const expected = isCount(tokens) ? number(tokens) : "none";
      return {
        path: ["items"],
        message: `${cause} adds up to ${number(sum)} in ${measure}, and the first ledger's table has ${expected}`,
      };
    }
  }
  return undefined;
}

function sumsByCause(items: readonly TokenItem[], measure: ItemMeasure): { [C in Cause]?: number } {
  const sums: { [C in Cause]?: number } = {};
  for (const item of items) sums[item.cause] = (sums[item.cause] ?? 0) + item[measure];
  return sums;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
