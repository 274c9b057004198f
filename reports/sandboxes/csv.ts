/** One row for each figure of a backend or executor, with everything that a reader needs beside it. */
import { stringify } from "csv-stringify/sync";
import { terminalText } from "../escape.ts";
import type { BenchReporter } from "./reporter.ts";
import type { Figure } from "./summarise.ts";

const columns = [
  ...["kind", "sandbox", "control", "isolation", "version", "configuration", "bridgeTransport", "emulates", "maxSessions"],
  ...["figure", "sessions", "unit", "n", "clusters", "failed", "givenUp", "min", "median", "medianLow", "medianHigh"],
  ...["p95", "p95Low", "p95High", "p99", "p99Low", "p99High", "max"],
];

export const csvBenchReporter: BenchReporter = {
  id: "csv",
  title: "One row for each figure of a backend or executor",
  fileName: "summary.csv",
  render(_info, { sandboxes }) {
    const rows = sandboxes.flatMap(({ sandbox: { id, ...about }, figures }) =>
      figures.map((figure) => ({ ...about, sandbox: id, ...figureColumns(figure) })),
    );
    return stringify(rows, { header: true, columns, escape_formulas: true, cast: { boolean: String, string: terminalText } });
  },
};

function figureColumns({ id, tails, ...figure }: Figure): { readonly [column: string]: string | number | null } {
  const { median, p95, p99, ...counted } = tails ?? { median: null, p95: null, p99: null };
  const quantiles = Object.entries({ median, p95, p99 }).flatMap(([name, quantile]) => [
    [name, quantile?.value ?? null],
    [`${name}Low`, quantile?.interval?.low ?? null],
    [`${name}High`, quantile?.interval?.high ?? null],
  ]);
  return { ...figure, figure: id, ...counted, ...Object.fromEntries(quantiles) };
}
