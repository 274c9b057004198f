/** Every record as flat rows, for spreadsheets and data frames: one row for each ledger, one for a record without any. */
import { stringify } from "csv-stringify/sync";
import { cost } from "../contract/cost.ts";
import {
  axisNames,
  type CellRecord,
  causes,
  type Ledger,
  measures,
  type PlayedRecord,
  type Reporter,
  type RunInfo,
  useKinds,
  wasPlayed,
} from "../contract/index.ts";
import { terminalText } from "./escape.ts";
import { messageOf } from "./figures/problems.ts";

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
  const message = record.status === "passed" ? "" : messageOf(record);
  if (!wasPlayed(record)) return [{ ...key, message }];
  const cell = { ...key, ...playedColumns(record), message };
  return record.ledgers.map((ledger, i) =>
    i === 0
      ? { ...cell, ...ledgerColumns(ledger, true), ...record.cost, ...secondsColumns(run, record) }
      : { ...cell, ...ledgerColumns(ledger, false), ...cost(ledger, run.profiles.model) },
  );
}

function keyColumns({ schemaVersion, key, machine, status }: CellRecord): Row {
  return { schemaVersion, ...key, params: JSON.stringify(key.params), machine, status };
}

/** The same under every counter. */
function playedColumns(record: PlayedRecord): Row {
  const { episodes, treatment, turns, servers, activity, modelled, checks } = record;
  const contexts = episodes.flatMap((episode) => episode.contexts);
  return {
    episodes: episodes.length,
    contexts: contexts.length,
    turns,
    ...Object.fromEntries(useKinds.map((kind) => [`uses.${kind}`, treatment.uses[kind] ?? 0])),
    callsFromPrograms: treatment.callsFromPrograms,
    definitionsFetched: treatment.definitionsFetched,
    toolCalls: activity.calls,
    callWaves: activity.callWaves,
    virtualWaitMs: activity.virtualWaitMs,
    checks: checks.length,
    failedChecks: checks.filter(({ passed }) => !passed).length,
    toolWaits: modelled.toolWaits,
    servers: servers.map(({ server, transport, protocol }) => `${server} ${transport} ${protocol}`).join(", "),
    ...(record.status === "passed" ? record.measured : {}),
    transcriptSha256: contexts.map(({ transcriptSha256 }) => transcriptSha256).join(" "),
  };
}

/** Modelled from the primary ledger's tokens; under another counter they would be other seconds. */
function secondsColumns(run: RunInfo, { modelled }: PlayedRecord): Row {
  const { modelSeconds, waitSeconds, totalSeconds } = modelled;
  const totals = run.profiles.toolLatency.millisecondsPerCall.map((latency, i) => [
    modelledColumn(latency),
    totalSeconds[i] ?? null,
  ]);
  return { modelSeconds, waitSeconds, ...Object.fromEntries(totals) };
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
    framingTokens: ledger.framingTokens,
    exceedsWindowAt: ledger.exceedsWindowAt,
    ...ledger.totals,
    ...Object.fromEntries(byCause),
  };
}

function columnNames(run: RunInfo): string[] {
  return [
    "schemaVersion",
    ...axisNames,
    ...["machine", "status"],
    ...["counter", "serialisation", "primary", "ledgerVersion", "framingTokens", "exceedsWindowAt"],
    ...measures,
    ...["uncachedUsd", "coldUsd", "warmUsd", "episodes", "contexts", "turns"],
    ...useKinds.map((kind) => `uses.${kind}`),
    ...["callsFromPrograms", "definitionsFetched", "toolCalls", "callWaves", "virtualWaitMs", "checks", "failedChecks"],
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
