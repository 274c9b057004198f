/** The run and its summary as one JSON document, for programs that do not want to pair cells themselves. */

import type { Reporter } from "../contract/index.ts";
import { jsonText } from "./escape.ts";
import { summarise } from "./figures/summarise.ts";

export const jsonReporter: Reporter = {
  id: "json",
  title: "The run and its summary as one JSON document",
  fileName: "summary.json",
  render(run, records, { notes }) {
    return `${jsonText(JSON.stringify({ run, notes, summary: summarise(run, records) }, null, 2))}\n`;
  },
};
