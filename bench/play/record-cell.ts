/** What a cell's play becomes on disk: its conversations counted, its end state judged, its failure named. */
import { createHash } from "node:crypto";
import { cost } from "../../contract/cost.ts";
import {
  BenchError,
  type Bridge,
  type CellKey,
  type CellRecord,
  type EndState,
  isBenchError,
  RECORD_SCHEMA_VERSION,
  type SavedTranscript,
  type Task,
  type ToolCallCount,
  type Treatment,
  treatmentCount,
  useKinds,
} from "../../contract/index.ts";
import type { Connection } from "../servers/connection.ts";
import { countTranscript } from "../tokens/ledger/counted.ts";
import { itemsOf } from "../tokens/ledger/items.ts";
import { framingTokens, ledgerOf, restatements } from "../tokens/ledger/ledger.ts";
import { itemsTogether, ledgersTogether, restatementsTogether } from "../tokens/ledger/together.ts";
import { modelledTimes } from "../tokens/modelled-time.ts";
import type { Played } from "./play.ts";
import type { CellSetting } from "./setting.ts";

/** One conversation, and whose it is. */
export interface Conversation {
  /** `main`, or what the sub-agent is called. */
  readonly agent: string;
  readonly played: Played;
}

export interface PlayedParts {
  readonly key: CellKey;
  readonly setting: CellSetting;
  readonly task: Task;
  readonly connections: readonly Connection[];
  /** `null` in modes without a sandbox. */
  readonly sandboxOpenMs: number | null;
  readonly bridge: Bridge;
  /** In the order in which they were played, the conversations of each in the order in which they began. */
  readonly episodes: readonly (readonly Conversation[])[];
  readonly end: EndState;
  readonly playMs: number;
}

export function playedRecord({
  key,
  setting,
  task,
  connections,
  sandboxOpenMs,
  bridge,
  episodes,
  end,
  playMs,
}: PlayedParts): CellRecord {
  const { scenario, mode, profiles, firstOpen } = setting;
  const countedEpisodes = episodes.map((contexts) => contexts.map((conversation) => countedContext(conversation, setting)));
  const contexts = countedEpisodes.flat();
  const played = contexts.map((context) => context.played);
  const ledgers = ledgersTogether(contexts.map((context) => context.ledgers));
  const [primary] = ledgers;
  if (primary === undefined) throw new TypeError("A cell needs a conversation.");
  const primaries = contexts.flatMap((context) => context.ledgers.slice(0, 1));
  const callWaves = sum(played.map((one) => one.callWaves));
  const waitSeconds = sum(played.map((one) => one.waitSeconds));
  const treatment = treatmentTogether(played);
  const checks = scenario.verify(end, task);
  const parts = {
    schemaVersion: RECORD_SCHEMA_VERSION,
    key,
    machine: setting.machine,
    episodes: countedEpisodes.map((contexts) => ({ contexts: contexts.map(({ record }) => record) })),
    treatment,
    turns: sum(contexts.map(({ record }) => record.turns)),
    servers: connections.map(({ name, transport, protocol }) => ({ server: name, transport, protocol })),
    ledgers,
    restatements: restatementsTogether(contexts.map(({ counted }) => restatements(counted, profiles.model, profiles.others))),
    items: itemsTogether(
      contexts.map(({ counted }) => itemsOf(counted, profiles.model)),
      primaries,
    ),
    cost: cost(primary, profiles.model),
    checks,
    calls: callCounts(bridge),
    activity: { calls: bridge.log.length, callWaves, virtualWaitMs: waitSeconds * 1000 },
    modelled: modelledTimes(
      { turns: contexts.flatMap((context) => context.turns) },
      { toolWaits: callWaves, waitSeconds },
      profiles,
    ),
  };
  if (checks.length === 0 || checks.some((check) => !check.passed)) return { status: "failed", ...parts };
  if (treatmentCount(treatment, mode.treatment) === 0) return { status: "void", ...parts };
  const measured = {
    playMs,
    bridgeCallMs: sum(bridge.log.map(({ durationMs }) => durationMs)),
    sandboxOpenMs,
    sandboxRunMs: sandboxOpenMs === null ? null : sum(played.map((one) => one.sandboxRunMs)),
    firstOpen,
  };
  return { status: "passed", measured, ...parts };
}

/** One conversation under every counter and serialisation. */
function countedContext({ agent, played }: Conversation, { counters, serialisations, profiles }: CellSetting) {
  const { transcript } = played;
  const counted = counters.flatMap((counter) =>
    serialisations.map((serialisation) => countTranscript(transcript, counter, serialisation)),
  );
  const [primary] = counted;
  if (primary === undefined) throw new TypeError("A cell needs a counter and a serialisation.");
  const byTurn = counted.map((one) => ledgerOf(one, profiles.model));
  const ledgers = byTurn.map(({ turns: _, ...rest }) => rest);
  const record = {
    agent,
    turns: transcript.turns.length,
    ledgers: ledgers.map(({ counter, serialisation, totals, exceedsWindowAt }) => {
      return { counter, serialisation, totals, exceedsWindowAt };
    }),
    transcriptSha256: createHash("sha256").update(JSON.stringify(transcript)).digest("hex"),
  };
  return { played, counted: primary, ledgers, turns: byTurn[0]?.turns ?? [], record };
}

function treatmentTogether(played: readonly Played[]): Treatment {
  const uses: { -readonly [K in keyof Treatment["uses"]]: number } = {};
  for (const { treatment } of played) {
    for (const kind of useKinds) if (treatment.uses[kind] !== undefined) uses[kind] = (uses[kind] ?? 0) + treatment.uses[kind];
  }
  return {
    uses,
    callsFromPrograms: sum(played.map(({ treatment }) => treatment.callsFromPrograms)),
    definitionsFetched: sum(played.map(({ treatment }) => treatment.definitionsFetched)),
  };
}

/** The conversations of a cell, whole, as far as there were any to their end. */
export function savedTranscript(key: CellKey, { profiles }: CellSetting, episodes: PlayedParts["episodes"]): SavedTranscript {
  return {
    key,
    profile: profiles.model.id,
    episodes: episodes.map((contexts) => ({
      contexts: contexts.map(({ agent, played: { transcript } }) => {
        return { agent, framingTokens: framingTokens(transcript, profiles.model), transcript };
      }),
    })),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Calls by tool, in first-use order. */
function callCounts(bridge: Bridge): ToolCallCount[] {
  const counts = new Map<string, { -readonly [K in keyof ToolCallCount]: ToolCallCount[K] }>();
  for (const { server, tool, status, argumentBytes, resultBytes } of bridge.log) {
    const name = `${server}__${tool}`;
    let count = counts.get(name);
    if (count === undefined) {
      count = { server, tool, calls: 0, errors: 0, argumentBytes: 0, resultBytes: 0 };
      counts.set(name, count);
    }
    count.calls++;
    count.argumentBytes += argumentBytes;
    count.resultBytes += resultBytes;
    if (status !== "ok") count.errors++;
  }
  return [...counts.values()];
}

/** The record of a cell that ended before its conversation did. */
export function failureRecord(key: CellKey, machine: string, error: unknown): CellRecord {
  const base = { schemaVersion: RECORD_SCHEMA_VERSION, key, machine };
  if (isBenchError(error, "CONTEXT_EXCEEDED")) return { ...base, status: "context-exceeded", ...error.details };
  if (isBenchError(error, "LIMIT"))
    return { ...base, status: "limit-exceeded", limit: error.details.limit, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof BenchError ? error.code : error instanceof Error ? error.name : "unknown";
  if (code === "MODEL_SCRIPT") return { ...base, status: "model-error", code, message };
  if (code === "SANDBOX_UNAVAILABLE") return { ...base, status: "sandbox-unavailable", code, message };
  return { ...base, status: "harness-error", code, message };
}
