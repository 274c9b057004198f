/** One row for each finding, of backends and executors alike. */
import { stringify } from "csv-stringify/sync";
import type { Finding } from "../../contract/index.ts";
import { terminalText } from "../escape.ts";

const columns = [
  ...["kind", "subject", "version", "configuration", "check", "variant", "language", "limit", "verdict", "reason", "evidence"],
];

export function findingsCsv(findings: readonly Finding[]): string {
  const rows = findings.map(({ subject: { id, ...subject }, ...finding }) => ({ ...subject, subject: id, ...finding }));
  return stringify(rows, { header: true, columns, escape_formulas: true, cast: { string: terminalText } });
}
