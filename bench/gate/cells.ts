/**
 * What the gate sees of a record. It is far less than a record holds, so that 100,000 of them are judged in seconds, and
 * it is checked field by field all the same.
 */
import { z } from "zod";
import { type CellKey, type Measure, measures, serialisations, type TokenItem } from "../../contract/index.ts";
import { cellKey, schemaVersion, tokenItem } from "../records/record-schema.ts";
import { itemsMismatch, ledgerMismatch } from "./sums.ts";

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const ledger = z.object({
  counter: z.string(),
  serialisation: z.enum(serialisations),
  version: count,
  // Of fixed fields: half as long as a record of the same names.
  totals: z.object(Object.fromEntries(measures.map((measure) => [measure, count])) as { [M in Measure]: typeof count }),
  // Looked at by `ledgerMismatch`.
  table: z.unknown(),
});
const calls = z.array(z.object({ calls: count, errors: count }));
const base = { schemaVersion, key: cellKey };
const played = { ...base, ledgers: z.array(ledger).min(1), items: z.array(tokenItem), calls };

const measured = z.object({
  playMs: milliseconds,
  bridgeCallMs: milliseconds,
  sandboxOpenMs: milliseconds.nullable(),
  sandboxRunMs: milliseconds.nullable(),
});

/** Figures that do not add up were changed after they were written, or were written wrongly: nothing is judged by them. */
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
  z.object({ ...played, status: z.literal("failed") }).check(addsUp),
  z.object({
    ...base,
    status: z.enum(["context-exceeded", "limit-exceeded", "model-error", "sandbox-unavailable", "harness-error"]),
  }),
]);

export type GatedRecord = z.output<typeof gatedRecord>;
export type GatedLedger = z.output<typeof ledger>;

/**
 * What tokens may depend on, without the seed. Not the sandbox and not the repetition: the text that a model sees is the
 * same on every one, so a run on another backend is comparable, and two that differ are a finding.
 */
export type Group = Pick<CellKey, "scenario" | "params" | "mode" | "model" | "policy" | "outputSchemas" | "tools">;

/** A record with its group's key, worked out once. */
export interface GatedCell {
  readonly record: GatedRecord;
  readonly group: string;
}

/** Equal for equal groups, in whatever order their parameters stand. */
export function groupKey({ scenario, params, mode, model, policy, outputSchemas, tools }: Group): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([scenario, sorted, mode, model, policy, outputSchemas, tools]);
}

/** For people: `sheet-filter (rows=1000), code-execution, own tools`. */
export function groupName({ scenario, params, mode, model, policy, outputSchemas, tools }: Group): string {
  const given = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  return [
    given.length === 0 ? scenario : `${scenario} (${given.join(", ")})`,
    mode,
    tools === null ? "own tools" : `${tools} tools`,
    ...(policy === null || policy === "minimal" ? [] : [`policy ${policy}`]),
    ...(outputSchemas === null || outputSchemas === "real" ? [] : [`output schemas ${outputSchemas}`]),
    ...(model === "scripted" ? [] : [model]),
  ].join(", ");
}

/** `o200k_base json, ledger rules 2`. */
export function ledgerName({
  counter,
  serialisation,
  version,
}: Pick<GatedLedger, "counter" | "serialisation" | "version">): string {
  return `${counter} ${serialisation}, ledger rules ${version}`;
}
