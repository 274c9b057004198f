/** The report formats, one line each. Those of the default selection are what `run` leaves beside its records. */
import { type Reporter, registry } from "../contract/index.ts";

export const reporterRegistry = registry<Reporter>(
  "format",
  {
    terminal: async () => (await import("./terminal/terminal.ts")).terminalReporter,
    markdown: async () => (await import("./markdown.ts")).markdownReporter,
    csv: async () => (await import("./csv.ts")).csvReporter,
    svg: async () => (await import("./svg.ts")).svgReporter,
    json: async () => (await import("./json.ts")).jsonReporter,
  },
  ["csv", "markdown", "svg"],
);
