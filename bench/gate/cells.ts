/**
 * What the gate reads of a record. It is far less than a record holds, so that 100,000 of them are judged in seconds.
 * Each field is checked all the same.
 */
import { z } from "zod";
import {
  type CellKey,
  cellKey,
  type Measure,
  measures,
  nameOf,
  schemaVersion,
  serialisations,
  type TokenItem,
  tokenAxes,
  tokenItemSchema,
  wordsOf,
} from "../../contract/index.ts";
import { itemsMismatch, ledgerMismatch } from "./sums.ts";

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const ledger = z.object({
  counter: z.string(),
  serialisation: z.enum(serialisations),
  version: count,
  // An object of fixed fields is checked twice as fast as a record of the same names.
  totals: z.object(Object.fromEntries(measures.map((measure) => [measure, count])) as { [M in Measure]: typeof count }),
  // `ledgerMismatch` checks it.
  table: z.unknown(),
});
const calls = z.array(z.object({ calls: count, errors: count }));
const base = { schemaVersion, key: cellKey };
const played = { ...base, ledgers: z.array(ledger).min(1), items: z.array(tokenItemSchema), calls };

const measured = z.object({
  playMs: milliseconds,
  bridgeCallMs: milliseconds,
  sandboxOpenMs: milliseconds.nullable(),
  sandboxRunMs: milliseconds.nullable(),
});

/** Figures that do not add up were changed after they were written, or written wrongly. They cannot be judged. */
function addsUp({ value, issues }: z.core.ParsePayload<{ ledgers: GatedLedger[]; items: TokenItem[] }>): void {
  const { ledgers, items } = value;
  for (const [i, ledger] of ledgers.entries()) {
    const found = ledgerMismatch(ledger);
    if (found === undefined) continue;
    issues.push({ code: "custom", input: ledger, path: ["ledgers", i, ...found.path], message: found.message });
    return;
  }
  const [primary] = ledgers;
  const found = primary === undefined ? undefined : itemsMismatch(items, primary);
  if (found !== undefined) issues.push({ code: "custom", input: items, path: found.path, message: found.message });
}

export const gatedRecord = z.discriminatedUnion("status", [
  z.object({ ...played, status: z.literal("passed"), measured }).check(addsUp),
  z.object({ ...played, status: z.enum(["failed", "void"]) }).check(addsUp),
  z.object({
    ...base,
    status: z.enum(["context-exceeded", "limit-exceeded", "model-error", "sandbox-unavailable", "harness-error"]),
  }),
]);

export type GatedRecord = z.output<typeof gatedRecord>;
export type GatedLedger = z.output<typeof ledger>;

/** What tokens may depend on, without the seed. Two plays of one group and seed whose tokens differ are a finding. */
export type Group = Pick<CellKey, (typeof tokenAxes)[number]>;

/** A record with its group's key, worked out once. */
export interface GatedCell {
  readonly record: GatedRecord;
  readonly group: string;
}

/** Equal for equal groups, whatever the order of their parameters. */
export const groupKey = (group: Group): string => nameOf(group, tokenAxes);

/** For people: `sheet-filter, rows=1000, own tools, code-execution, policy minimal`. */
export const groupName = (group: Group): string => wordsOf(group, tokenAxes).join(", ");

/** `o200k_base json, ledger rules 2`. */
export function ledgerName({
  counter,
  serialisation,
  version,
}: Pick<GatedLedger, "counter" | "serialisation" | "version">): string {
  return `${counter} ${serialisation}, ledger rules ${version}`;
}
