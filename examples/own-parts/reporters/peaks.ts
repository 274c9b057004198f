/** One JSON object a line: what one cell's largest request held. JSON escapes whatever a record may hold. */
import type { Reporter } from "mcp-code-bench";

export const peaks: Reporter = {
  id: "peaks",
  title: "Peak context of each cell, as JSON lines",
  fileName: "peaks.jsonl",
  render(_run, records) {
    const lines = records.map((record) => {
      const { scenario, mode, sandbox, tools, seed, repetition } = record.key;
      const ledgers = record.status === "passed" || record.status === "failed" ? record.ledgers : [];
      const peakContext = Object.fromEntries(
        ledgers.map((ledger) => [`${ledger.counter}.${ledger.serialisation}`, ledger.totals.peakContext]),
      );
      return JSON.stringify({ scenario, mode, sandbox, tools, seed, repetition, status: record.status, peakContext });
    });
    return lines.map((line) => `${line}\n`).join("");
  },
};
