/** The formats of the sandbox bench, one line each. Those of the default selection are left beside its samples. */

import { registry } from "../../contract/index.ts";
import type { BenchReporter } from "./reporter.ts";

export const benchReporterRegistry = registry<BenchReporter>(
  "format",
  {
    terminal: async () => (await import("./terminal.ts")).terminalBenchReporter,
    markdown: async () => (await import("./markdown.ts")).markdownBenchReporter,
    csv: async () => (await import("./csv.ts")).csvBenchReporter,
    json: async () => (await import("./json.ts")).jsonBenchReporter,
  },
  ["csv", "markdown", "json"],
);
