/** Cells that did not pass, and why, like ones together. */
import type { CellKey, CellRecord, CellStatus } from "../../contract/index.ts";
import { compareNames, groupBy } from "./pairs.ts";

export interface Problem {
  readonly status: Exclude<CellStatus, "passed">;
  readonly cells: number;
  /** One of them. */
  readonly key: CellKey;
  readonly message: string;
}

export function problemsOf(records: readonly CellRecord[]): readonly Problem[] {
  const found = records.flatMap((record): Problem[] =>
    record.status === "passed" ? [] : [{ status: record.status, cells: 1, key: record.key, message: messageOf(record) }],
  );
  const name = ({ status, key, message }: Problem) => JSON.stringify([key.scenario, key.mode, key.sandbox, status, message]);
  return groupBy(found, name)
    .map((group) => ({ ...group[0], cells: group.length }))
    .toSorted((a, b) => compareNames(name(a), name(b)));
}

/** Why a cell gives no figure. */
export function messageOf(record: Exclude<CellRecord, { readonly status: "passed" }>): string {
  if (record.status === "void") return "Its mode was not tried: what the mode is there for did not happen once.";
  if (record.status === "context-exceeded")
    return `Turn ${record.turn} needs ${record.tokens} tokens and the window holds ${record.windowTokens}.`;
  if (record.status !== "failed") return record.message;
  const failing = record.checks.filter(({ passed }) => !passed).map(({ id, detail }) => `${id}: ${detail}`);
  return failing.length === 0 ? "The scenario checked nothing." : failing.join("; ");
}
