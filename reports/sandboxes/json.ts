/** Everything that the other formats show, unrounded. The samples stand in a file of their own. */

import { jsonText } from "../escape.ts";
import type { BenchReporter } from "./reporter.ts";

export const jsonBenchReporter: BenchReporter = {
  id: "json",
  title: "One document: what was asked, figures, notes",
  fileName: "summary.json",
  render: (info, summary, { notes }) => `${jsonText(JSON.stringify({ bench: info, summary, notes }, null, 2))}\n`,
};
