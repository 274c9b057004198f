/** One row for each backend and figure, with everything that a reader needs beside it. */
import { stringify } from "csv-stringify/sync";
import { terminalText } from "../escape.ts";
import type { BenchReporter } from "./reporter.ts";
import type { Figure } from "./summarise.ts";

/** Of any figure. */
export const statisticColumns = [
  ...["unit", "n", "clusters", "failed", "givenUp", "min", "median", "medianLow", "medianHigh"],
  ...["p95", "p95Low", "p95High", "p99", "p99Low", "p99High", "max"],
];
const columns = [
  ...["sandbox", "control", "isolation", "version", "configuration", "bridgeTransport", "emulates", "maxSessions"],
  ...["figure", "sessions", ...statisticColumns],
];

export const csvBenchReporter: BenchReporter = {
  id: "csv",
  title: "One row for each backend and figure",
  fileName: "summary.csv",
  render(_info, { sandboxes }) {
    const rows = sandboxes.flatMap(({ sandbox, figures }) => {
      const { id, configurationHash, ...about } = sandbox;
      return figures.map((figure) => ({ ...about, sandbox: id, configuration: configurationHash, ...figureColumns(figure) }));
    });
    return stringify(rows, { header: true, columns, escape_formulas: true, cast: { boolean: String, string: terminalText } });
  },
};

export function figureColumns({ id, tails, ...figure }: Figure): { readonly [column: string]: string | number | null } {
  const { median, p95, p99, ...counted } = tails ?? { median: null, p95: null, p99: null };
  const quantiles = Object.entries({ median, p95, p99 }).flatMap(([name, quantile]) => [
    [name, quantile?.value ?? null],
    [`${name}Low`, quantile?.interval?.low ?? null],
    [`${name}High`, quantile?.interval?.high ?? null],
  ]);
  return { ...figure, figure: id, ...counted, ...Object.fromEntries(quantiles) };
}
