/** One row for each finding, of backends and executors alike. */
import { stringify } from "csv-stringify/sync";
import type { Finding } from "../../contract/index.ts";
import { terminalText } from "../escape.ts";

const columns = [
  ...["kind", "subject", "version", "configuration", "check", "variant", "language", "limit", "verdict", "reason", "evidence"],
  ...["hostStallMs", "hostGrowthMiB"],
];

const tenths = (value: number) => Math.round(value * 10) / 10;

export function findingsCsv(findings: readonly Finding[]): string {
  const rows = findings.map(({ subject: { id, ...subject }, host, ...finding }) => ({
    ...{ ...subject, subject: id, ...finding },
    hostStallMs: host === null ? null : tenths(host.stallMs),
    hostGrowthMiB: host === null || host.growthBytes === null ? null : tenths(host.growthBytes / 2 ** 20),
  }));
  return stringify(rows, { header: true, columns, escape_formulas: true, cast: { string: terminalText } });
}
