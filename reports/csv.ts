/** Every record as flat rows, for spreadsheets and data frames: one row for each ledger, one for a record without any. */
import { stringify } from "csv-stringify/sync";
import { type CellRecord, causes, type Ledger, measures, type Reporter, type RunInfo } from "../bench/types/index.ts";
import { terminalText } from "./escape.ts";

type Field = string | number | boolean | null;
type Row = { readonly [column: string]: Field };

/** Split by cause; the cache measures only as totals. */
const tabledMeasures = ["peakContext", "billedInput", "billedOutput"] as const;

export const csvReporter: Reporter = {
  id: "csv",
  title: "One row for each record and ledger",
  fileName: "records.csv",
  render(run, records) {
    const rows = records.flatMap((record) => rowsOf(run, record));
    // The columns are named, not taken from the rows: a run of failures alone has the same ones.
    return stringify(rows, { header: true, columns: columnNames(run), escape_formulas: true, cast });
  },
};

/** One line a row, and nothing that a terminal would act on. */
const cast = { boolean: String, string: terminalText };

function rowsOf(run: RunInfo, record: CellRecord): Row[] {
  const key = keyColumns(record);
  if (record.status !== "passed" && record.status !== "failed") return [{ ...key, message: messageOf(record) }];
  const cell = { ...key, ...playedColumns(run, record), message: messageOf(record) };
  return record.ledgers.map((ledger, i) => ({ ...cell, ...ledgerColumns(ledger, i === 0) }));
}

function keyColumns({ schemaVersion, key, status }: CellRecord): Row {
  return { schemaVersion, ...key, params: JSON.stringify(key.params), status };
}

function playedColumns(run: RunInfo, record: Extract<CellRecord, { readonly status: "passed" | "failed" }>): Row {
  const { cost, turns, servers, activity, modelled, transcriptSha256, checks } = record;
  const seconds = run.profiles.toolLatency.millisecondsPerCall.map((latency, i) => [
    modelledColumn(latency),
    modelled.totalSeconds[i] ?? null,
  ]);
  return {
    ...cost,
    turns,
    toolCalls: activity.calls,
    callWaves: activity.callWaves,
    virtualWaitMs: activity.virtualWaitMs,
    checks: checks.length,
    failedChecks: checks.filter(({ passed }) => !passed).length,
    modelSeconds: modelled.modelSeconds,
    waitSeconds: modelled.waitSeconds,
    toolWaits: modelled.toolWaits,
    ...Object.fromEntries(seconds),
    servers: servers.map(({ server, transport, protocol }) => `${server} ${transport} ${protocol}`).join(", "),
    ...(record.status === "passed" ? record.measured : {}),
    transcriptSha256,
  };
}

function ledgerColumns(ledger: Ledger, primary: boolean): Row {
  const byCause = tabledMeasures.flatMap((measure) =>
    causes.map((cause) => [`${measure}.${cause}`, ledger.table[measure][cause] ?? 0] as const),
  );
  return {
    counter: ledger.counter,
    serialisation: ledger.serialisation,
    primary,
    ledgerVersion: ledger.version,
    exceedsWindowAt: ledger.exceedsWindowAt,
    ...ledger.totals,
    ...Object.fromEntries(byCause),
  };
}

function columnNames(run: RunInfo): string[] {
  return [
    ...["schemaVersion", "scenario", "params", "mode", "sandbox", "model", "discovery", "tools", "seed", "repetition", "status"],
    ...["counter", "serialisation", "primary", "ledgerVersion", "exceedsWindowAt"],
    ...measures,
    ...["uncachedUsd", "coldUsd", "warmUsd", "turns", "toolCalls", "callWaves", "virtualWaitMs", "checks", "failedChecks"],
    ...["modelSeconds", "waitSeconds", "toolWaits"],
    ...run.profiles.toolLatency.millisecondsPerCall.map(modelledColumn),
    ...["playMs", "bridgeCallMs", "sandboxOpenMs", "sandboxRunMs", "firstOpen", "servers", "transcriptSha256"],
    ...tabledMeasures.flatMap((measure) => causes.map((cause) => `${measure}.${cause}`)),
    "message",
  ];
}

function modelledColumn(latencyMs: number): string {
  return `modelledSecondsAt${latencyMs}ms`;
}

function messageOf(record: CellRecord): string {
  if (record.status === "passed") return "";
  if (record.status === "failed") {
    return record.checks
      .filter(({ passed }) => !passed)
      .map(({ id, detail }) => `${id}: ${detail}`)
      .join("; ");
  }
  if (record.status === "context-exceeded") return `turn ${record.turn}: ${record.tokens} of ${record.windowTokens} tokens`;
  return record.message;
}
