/** One row for each executor of another project and figure. A file of its own: these rows are not backends. */
import { stringify } from "csv-stringify/sync";
import { terminalText } from "../escape.ts";
import { figureColumns, statisticColumns } from "./csv.ts";
import type { BenchReporter } from "./reporter.ts";

const columns = ["executor", "version", "configuration", "figure", ...statisticColumns];

export const csvPeersBenchReporter: BenchReporter = {
  id: "csv-peers",
  title: "One row for each executor of another project and figure",
  fileName: "executors.csv",
  render(_info, { peers }) {
    const rows = peers.flatMap(({ peer: { id, version, configuration }, figures }) =>
      figures.map((figure) => ({ executor: id, version, configuration, ...figureColumns(figure) })),
    );
    return stringify(rows, { header: true, columns, escape_formulas: true, cast: { string: terminalText } });
  },
};
