/** Small literal records for tests of what comes after the records. Tokens are round, so that a reduction can be done in the head. */
import type { PlayedCell } from "../bench/play/cell.ts";
import {
  type Cause,
  type CauseTable,
  type CellKey,
  type CellRecord,
  type Cost,
  causes,
  type ItemMeasure,
  type Ledger,
  type ModelProfile,
  RECORD_SCHEMA_VERSION,
  type Restatement,
  type RunInfo,
  type Serialisation,
  type TokenItem,
  type Transcript,
  wasPlayed,
  withoutFraming,
} from "../contract/index.ts";
import { profile } from "./profile.ts";

type Passed = Extract<CellRecord, { readonly status: "passed" }>;

/** A ledger whose peak context is `input` and whose billed input is twice that: two turns over the same context. */
export function ledgerOf(
  input: CauseTable,
  output: CauseTable,
  { counter = "o200k_base", serialisation = "json" as Serialisation, exceedsWindowAt = null as number | null } = {},
): Ledger {
  const sum = (table: CauseTable) => Object.values(table).reduce((total, tokens) => total + tokens, 0);
  const twice = Object.fromEntries(Object.entries(input).map(([cause, tokens]) => [cause, 2 * tokens]));
  const table: Ledger["table"] = {
    peakContext: input,
    billedInput: twice,
    billedOutput: output,
    coldCacheRead: {},
    coldCacheWrite: {},
    coldUncached: twice,
    warmCacheRead: {},
    warmCacheWrite: {},
    warmUncached: twice,
  };
  return {
    counter,
    serialisation,
    version: 2,
    table,
    totals: {
      peakContext: sum(table.peakContext),
      billedInput: sum(table.billedInput),
      billedOutput: sum(table.billedOutput),
      coldCacheRead: 0,
      coldCacheWrite: 0,
      coldUncached: sum(table.coldUncached),
      warmCacheRead: 0,
      warmCacheWrite: 0,
      warmUncached: sum(table.warmUncached),
    },
    framingTokens: 300,
    exceedsWindowAt,
  };
}

const restatedDirect: Cost = { uncachedUsd: 0.06, coldUsd: 0.045, warmUsd: 0.036 };
const restatedCode: Cost = { uncachedUsd: 0.012, coldUsd: 0.011, warmUsd: 0.0105 };

/** Under every reading but the run's own: without framing 300 tokens less a turn, under the older profile as it is. */
function restatementsOf({ totals, exceedsWindowAt }: Ledger, cost: Cost): readonly Restatement[] {
  const less = { ...totals, peakContext: totals.peakContext - 300, billedInput: totals.billedInput - 600 };
  return [
    { id: withoutFraming, totals: less, framingTokens: 0, exceedsWindowAt, cost },
    { id: "claude-sonnet-4.5", totals, framingTokens: 346, exceedsWindowAt, cost },
  ];
}

const itemNames: { readonly [C in Cause]?: string } = {
  toolDefinitions: "google-sheets__get_rows",
  toolCalls: "google-sheets__get_rows",
  toolResults: "google-sheets__get_rows",
  discovery: "list-servers",
  code: "filter.ts",
  codeOutput: "filter.ts",
};

/** One item a cause, so that items add up to the ledger's table. */
export function itemsOf(ledger: Ledger | undefined): readonly TokenItem[] {
  return causes
    .map((cause): TokenItem => {
      const of = (measure: ItemMeasure) => ledger?.table[measure][cause] ?? 0;
      return {
        cause,
        name: itemNames[cause] ?? "",
        peakContext: of("peakContext"),
        billedInput: of("billedInput"),
        billedOutput: of("billedOutput"),
      };
    })
    .filter((item) => item.peakContext + item.billedInput + item.billedOutput > 0);
}

function keyOf(changes: Partial<CellKey> = {}): CellKey {
  return {
    scenario: "sheet-filter",
    params: { rows: 1000, serverQuery: false },
    tools: null,
    model: "scripted",
    mode: "direct-tool-call",
    policy: null,
    outputSchemas: null,
    language: null,
    sandbox: null,
    seed: 1,
    repetition: 0,
    role: "figure",
    ...changes,
  };
}

/** A direct cell: 1,000 tokens of definitions and 9,000 of results in the peak context, give or take `more`. */
export function directRecord(changes: Partial<CellKey> = {}, more = 0, parts: Partial<Passed> = {}): Passed {
  const ledgers: [Ledger, ...Ledger[]] = [
    ledgerOf({ toolDefinitions: 1000, toolResults: 9000 + more }, { toolCalls: 400, answer: 100 }),
    ledgerOf({ toolDefinitions: 1000, toolResults: 9000 + more }, { toolCalls: 300, answer: 100 }, { serialisation: "raw" }),
  ];
  return {
    schemaVersion: RECORD_SCHEMA_VERSION,
    key: keyOf(changes),
    machine: "m1",
    status: "passed",
    episodes: episodesOf(2, "d1"),
    treatment: { uses: { call: 10 }, callsFromPrograms: 0, definitionsFetched: 0 },
    turns: 2,
    servers: [{ server: "google-sheets", transport: "memory", protocol: "2025-11-25" }],
    ledgers,
    restatements: restatementsOf((parts.ledgers ?? ledgers)[0] ?? ledgers[0], restatedDirect),
    items: itemsOf((parts.ledgers ?? ledgers)[0]),
    cost: { uncachedUsd: 0.0675, coldUsd: 0.05, warmUsd: 0.04 },
    checks: [{ id: "answer", passed: true, detail: "" }],
    calls: [{ server: "google-sheets", tool: "get_rows", calls: 10, errors: 0, argumentBytes: 500, resultBytes: 36_000 }],
    activity: { calls: 10, callWaves: 10, virtualWaitMs: 0 },
    modelled: { modelSeconds: 12, waitSeconds: 0, toolWaits: 10, totalSeconds: [12, 15, 22] },
    measured: { playMs: 8, bridgeCallMs: 4, sandboxOpenMs: null, sandboxRunMs: null, firstOpen: false },
    ...parts,
  };
}

/** A code cell: a tenth of direct's peak context, in four turns. */
export function codeRecord(changes: Partial<CellKey> = {}, more = 0, parts: Partial<Passed> = {}): Passed {
  const key: Partial<CellKey> = {
    mode: "code-execution",
    sandbox: "quickjs",
    policy: "minimal",
    outputSchemas: "real",
    language: "javascript",
    ...changes,
  };
  const ledgers: [Ledger, ...Ledger[]] = [
    ledgerOf({ system: 200, discovery: 300, codeOutput: 500 + more }, { code: 400, answer: 100 }),
    ledgerOf({ system: 200, discovery: 300, codeOutput: 500 + more }, { code: 300, answer: 100 }, { serialisation: "raw" }),
  ];
  return {
    ...directRecord(key),
    episodes: episodesOf(4, "c1"),
    treatment: { uses: { discovery: 3, program: 1 }, callsFromPrograms: 10, definitionsFetched: 1 },
    turns: 4,
    ledgers,
    restatements: restatementsOf((parts.ledgers ?? ledgers)[0] ?? ledgers[0], restatedCode),
    items: itemsOf((parts.ledgers ?? ledgers)[0]),
    cost: { uncachedUsd: 0.0135, coldUsd: 0.0125, warmUsd: 0.012 },
    modelled: { modelSeconds: 14, waitSeconds: 0, toolWaits: 1, totalSeconds: [14, 14.3, 15] },
    measured: { playMs: 20, bridgeCallMs: 4, sandboxOpenMs: 5, sandboxRunMs: 10, firstOpen: false },
    ...parts,
  };
}

/** The conversation of a cell that has one. */
export const conversationIn = ({ saved }: PlayedCell): Transcript | undefined => saved?.episodes[0]?.contexts[0]?.transcript;

/** Of every conversation, in their order. */
export const hashesOf = (record: CellRecord): readonly string[] =>
  wasPlayed(record) ? record.episodes.flatMap(({ contexts }) => contexts.map((one) => one.transcriptSha256)) : [];

/** One conversation's place in a record. Its own ledgers stand nowhere else, and no report reads them. */
export const episodesOf = (turns: number, transcriptSha256: string): Passed["episodes"] => [
  { contexts: [{ agent: "main", turns, ledgers: [], transcriptSha256 }] },
];

/** The echo control of `directRecord`: everything that direct was shown, and some more. */
export function echoRecord(codeOutput: number, changes: Partial<CellKey> = {}): Passed {
  return codeRecord({ mode: "code-execution-echo", role: "echo-control", ...changes }, 0, {
    ledgers: [ledgerOf({ system: 200, discovery: 300, codeOutput }, { code: 400, answer: 100 })],
    episodes: episodesOf(4, "e1"),
  });
}

const olderModel: ModelProfile = {
  ...profile,
  id: "claude-sonnet-4.5",
  asOf: "2025-11-04",
  source: "a price list",
  toolUsePromptTokens: { auto: 346, any: 313 },
};

export function runOf(changes: Partial<RunInfo> = {}): RunInfo {
  return {
    schemaVersion: RECORD_SCHEMA_VERSION,
    runId: "20251121-093000",
    startedAt: "2025-11-21T09:30:00.000Z",
    config: {
      scenarios: [],
      modes: [],
      baseline: "direct-tool-call",
      models: [],
      languages: ["javascript"],
      sandboxes: [],
      counters: [],
      serialisations: ["json", "raw"],
      policies: ["minimal"],
      outputSchemas: ["real"],
      bounds: true,
      tools: [null],
      params: [],
      seeds: 3,
      repeat: 1,
      orderSeed: 1,
      controls: true,
      profile: "claude-sonnet-5.5",
      enforceWindow: false,
      saveTranscripts: false,
      transport: "memory",
      catalogue: null,
      catalogueTimeoutMs: 30_000,
      limits: { memoryBytes: 268_435_456, wallTimeMs: 30_000, outputBytes: 1_048_576, cellTimeMs: 120_000 },
    },
    plannedCells: 9,
    selected: {
      modes: [
        { id: "direct-tool-call", control: false, short: "direct" },
        { id: "code-execution", control: false, short: "code" },
      ],
      sandboxes: [{ id: "quickjs", control: false }],
    },
    claims: [],
    skipped: [{ what: "sandbox gvisor", reason: 'runtime "runsc" not found', fix: "Run npm run setup:sandboxes." }],
    machines: [
      { id: "m1", node: "v24.0.0", platform: "linux", arch: "x64", cpu: "Test CPU", cpus: 2, memoryBytes: 8 * 1024 ** 3 },
    ],
    profiles: {
      model: {
        ...olderModel,
        id: "claude-sonnet-5.5",
        asOf: "2026-11-21",
        contextWindowTokens: 1_000_000,
        maxOutputTokens: 128_000,
        toolUsePromptTokens: { auto: 286, any: null },
      },
      others: [olderModel],
      speed: {
        id: "assumed",
        asOf: "2025-11-04",
        source: "an assumption",
        timeToFirstTokenSeconds: 1,
        prefillTokensPerSecond: 5000,
        decodeTokensPerSecond: 60,
      },
      toolLatency: { id: "assumed", asOf: "2025-11-04", source: "an assumption", millisecondsPerCall: [0, 300, 1000] },
    },
    versions: { "mcp-code-bench": "0.1.0", "sandbox quickjs": "quickjs-wasi 3.6.2", "counter o200k_base": "tiktoken 1.0.22" },
    catalogueServers: [],
    ...changes,
  };
}

/** A run whose scenario a claim was published about. */
export const claimedRun = runOf({
  claims: [{ scenario: "sheet-filter", text: "10 became 1", source: "A paper, 2025-11-04", profile: "claude-sonnet-4.5" }],
});

/** Three seeds of one subject in two ways, and both controls: all passed. */
export const goodRecords: readonly CellRecord[] = [
  directRecord({ seed: 2 }, 500),
  codeRecord({ seed: 1 }),
  directRecord({ seed: 1 }),
  codeRecord({ seed: 2 }, 100),
  directRecord({ seed: 3 }, 1000),
  codeRecord({ seed: 3 }),
  codeRecord({ seed: 1, policy: "thorough", role: "bound" }, 1000),
  directRecord({ seed: 1, role: "self-control" }),
  echoRecord(9100),
];
