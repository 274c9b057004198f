/** A short name of a cell, for file names and to see whether two records describe the same work. */
import { createHash } from "node:crypto";
import type { CellKey } from "../../contract/index.ts";

/** The same cell has the same id in every run; letters, digits, dots and dashes. */
export function cellId(key: CellKey): string {
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 12);
  return `${key.scenario}.${key.mode}.${key.seed}.${hash}`;
}
