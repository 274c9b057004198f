/** The run and its summary as one JSON document, for programs that do not want to pair cells themselves. */
import { summarise } from "../bench/summarise.ts";
import type { Reporter } from "../bench/types/index.ts";
import { jsonText } from "./escape.ts";

export const jsonReporter: Reporter = {
  id: "json",
  title: "The run and its summary as one JSON document",
  fileName: "summary.json",
  render(run, records, { notes }) {
    return `${jsonText(JSON.stringify({ run, notes, summary: summarise(run, records) }, null, 2))}\n`;
  },
};
