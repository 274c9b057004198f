/** Plays one cell in a world of its own, and turns whatever happened into a record. Nothing that a cell does ends the run. */
import { createHash } from "node:crypto";
import { cost } from "../../contract/cost.ts";
import {
  BenchError,
  type Bridge,
  type BridgeLimits,
  type CellKey,
  type CellRecord,
  type Counter,
  type EndState,
  isBenchError,
  type Json,
  type Mode,
  type ModelFactory,
  type ModeSession,
  type Registry,
  type RunConfig,
  type RunInfo,
  type Sandbox,
  type Scenario,
  type ScenarioHost,
  type ScriptedAgent,
  type Serialisation,
  type Task,
  type ToolCallCount,
  type ToolDefinition,
  type Transcript,
  type WorldServer,
} from "../../contract/index.ts";
import { RECORD_SCHEMA_VERSION } from "../records/record-schema.ts";
import { createBridge } from "../servers/bridge/bridge.ts";
import { type Connection, connect } from "../servers/connection.ts";
import { overTransport, type TransportChoice } from "../servers/transports.ts";
import { tokenItems } from "../tokens/ledger/items.ts";
import { ledger, restatements } from "../tokens/ledger/ledger.ts";
import { gapSeconds, modelledTimes } from "../tokens/modelled-time.ts";
import { type Played, play } from "./play.ts";
import { windowGuard } from "./window-guard.ts";

/** Generous: a conversation or a program that reaches one of these is broken, not ambitious. */
const bridgeLimits: BridgeLimits = {
  maxArgumentBytes: 32 * 1024 * 1024,
  maxResultBytes: 32 * 1024 * 1024,
  maxConcurrentCalls: 64,
  maxCalls: 100_000,
};
const maxTurns = 5_000;
const connectTimeoutMs = 30_000;

/** Everything that a cell is played with. The caller owns the sandbox and the extra connections. */
export interface CellSetting {
  readonly scenario: Scenario;
  readonly mode: Mode;
  readonly model: ModelFactory;
  /** How scripts play the modes. Asked by scripted models alone. */
  readonly agents: Pick<Registry<ScriptedAgent>, "load">;
  /** Present exactly when the mode uses one. */
  readonly sandbox?: Sandbox;
  /** The process has not opened this sandbox before. */
  readonly firstOpen: boolean;
  /** Servers beside the scenario's own: catalogue and synthetic ones, connected once a run. */
  readonly extraServers: readonly Connection[];
  /** At least one; the first is primary. */
  readonly counters: readonly Counter[];
  readonly serialisations: readonly Serialisation[];
  readonly profiles: RunInfo["profiles"];
  readonly limits: RunConfig["limits"];
  readonly enforceWindow: boolean;
  readonly host: ScenarioHost;
  /** What the scenario's mock servers are played over; default memory. */
  readonly transport?: Omit<TransportChoice, "host">;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** A record, and the conversation if there was one to its end. */
export interface PlayedCell {
  readonly record: CellRecord;
  readonly transcript?: Transcript;
}

/** Plays `key`. Rejects only with BenchError ABORTED, when the run's own signal ended it: such a cell has no record. */
export async function playCell(key: CellKey, setting: CellSetting): Promise<PlayedCell> {
  const deadline = new AbortController();
  const onAbort = () => deadline.abort();
  if (setting.signal.aborted) throw new BenchError("ABORTED");
  setting.signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => deadline.abort(), setting.limits.cellTimeMs);
  const open: { close(): Promise<void> }[] = [];
  try {
    return await playOpen(key, setting, deadline.signal, open);
  } catch (error) {
    if (setting.signal.aborted) throw new BenchError("ABORTED");
    const expired = deadline.signal.aborted;
    return { record: failureRecord(key, expired ? cellTimeError(setting.limits.cellTimeMs) : error) };
  } finally {
    clearTimeout(timer);
    setting.signal.removeEventListener("abort", onAbort);
    for (const part of open.reverse()) await part.close();
  }
}

async function playOpen(
  key: CellKey,
  setting: CellSetting,
  signal: AbortSignal,
  open: { close(): Promise<void> }[],
): Promise<PlayedCell> {
  const { scenario, mode, sandbox, now } = setting;
  const { task, servers: own } = await scenario.world(key.params, key.seed, setting.host);
  const choice = { transport: "memory", serveFlags: [], ...setting.transport, host: setting.host } as const;
  const servers = own.map((server) => overTransport(server, key, choice));
  open.push(...servers);
  const connections = await Promise.all(servers.map((server) => connect(server, { timeoutMs: connectTimeoutMs, signal })));
  open.push(...connections);
  const bridge = createBridge([...connections, ...setting.extraServers], {
    limits: bridgeLimits,
    ...(key.outputSchemas === null ? {} : { outputSchemas: key.outputSchemas }),
    now,
  });
  const before = await snapshots(servers);
  const session = await mode.start({
    scenario,
    task,
    bridge,
    ...(sandbox === undefined ? {} : { sandbox }),
    limits: setting.limits,
    policy: key.policy,
    now,
    signal,
  });
  open.push(session);
  const start = now();
  const played = await converse(key, setting, session, task, bridge.tools, signal);
  const playMs = now() - start;
  const end: EndState = { before, after: await snapshots(servers), answer: played.answer };
  return {
    record: playedRecord({ key, setting, task, connections, session, bridge, played, end, playMs }),
    transcript: played.transcript,
  };
}

async function converse(
  { policy }: CellKey,
  setting: CellSetting,
  session: ModeSession,
  task: Task,
  tools: readonly ToolDefinition[],
  signal: AbortSignal,
): Promise<Played> {
  const choice = { policy, tools, wallTimeMs: setting.limits.wallTimeMs };
  const { scenario, mode, model, agents, counters, serialisations, profiles, enforceWindow } = setting;
  const [counter] = counters;
  const [serialisation] = serialisations;
  if (counter === undefined || serialisation === undefined) throw new TypeError("A cell needs a counter and a serialisation.");
  return play({
    mode: session,
    model: await model.start({ scenario, task, choice, agent: () => agents.load(mode.id) }),
    prompt: task.prompt,
    maxTurns,
    ...(enforceWindow ? { beforeTurn: windowGuard(counter, serialisation, profiles.model) } : {}),
    gapSeconds: (content, toolWaits, waitSeconds) =>
      gapSeconds(content, { toolWaits, waitSeconds }, { counter, serialisation, ...profiles }),
    signal,
  });
}

interface PlayedParts {
  readonly key: CellKey;
  readonly setting: CellSetting;
  readonly task: Task;
  readonly connections: readonly Connection[];
  readonly session: ModeSession;
  readonly bridge: Bridge;
  readonly played: Played;
  readonly end: EndState;
  readonly playMs: number;
}

function playedRecord({ key, setting, task, connections, session, bridge, played, end, playMs }: PlayedParts): CellRecord {
  const { scenario, counters, serialisations, profiles, firstOpen } = setting;
  const { transcript } = played;
  const ledgers = counters.flatMap((counter) =>
    serialisations.map((serialisation) => ledger(transcript, counter, serialisation, profiles.model)),
  );
  const [primary] = ledgers;
  const [counter] = counters;
  if (primary === undefined || counter === undefined) throw new TypeError("A cell needs a counter and a serialisation.");
  const checks = scenario.verify(end, task);
  const parts = {
    schemaVersion: RECORD_SCHEMA_VERSION,
    key,
    turns: transcript.turns.length,
    servers: connections.map(({ name, transport, protocol }) => ({ server: name, transport, protocol })),
    ledgers: ledgers.map(({ turns: _, ...ledger }) => ledger),
    restatements: restatements(transcript, counter, primary.serialisation, profiles.model, profiles.others),
    items: tokenItems(transcript, counter, primary.serialisation, profiles.model),
    cost: cost(primary, profiles.model),
    checks,
    calls: callCounts(bridge),
    activity: { calls: bridge.log.length, callWaves: played.callWaves, virtualWaitMs: played.waitSeconds * 1000 },
    modelled: modelledTimes(primary, { toolWaits: played.callWaves, waitSeconds: played.waitSeconds }, profiles),
    transcriptSha256: createHash("sha256").update(JSON.stringify(transcript)).digest("hex"),
  };
  if (checks.length === 0 || checks.some((check) => !check.passed)) return { status: "failed", ...parts };
  const measured = {
    playMs,
    bridgeCallMs: bridge.log.reduce((sum, call) => sum + call.durationMs, 0),
    sandboxOpenMs: session.sandboxOpenMs,
    sandboxRunMs: session.sandboxOpenMs === null ? null : played.sandboxRunMs,
    firstOpen,
  };
  return { status: "passed", measured, ...parts };
}

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

async function snapshots(servers: readonly WorldServer[]): Promise<{ [server: string]: Json }> {
  return Object.fromEntries(await Promise.all(servers.map(async (server) => [server.name, await server.snapshot()])));
}

function cellTimeError(cellTimeMs: number): BenchError {
  return new BenchError("LIMIT", {
    limit: "cell-time",
    problem: `the cell was not over after ${cellTimeMs} ms`,
    fix: "Raise it with --cell-time.",
  });
}

function failureRecord(key: CellKey, error: unknown): CellRecord {
  const base = { schemaVersion: RECORD_SCHEMA_VERSION, key };
  if (isBenchError(error, "CONTEXT_EXCEEDED")) return { ...base, status: "context-exceeded", ...error.details };
  if (isBenchError(error, "LIMIT"))
    return { ...base, status: "limit-exceeded", limit: error.details.limit, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof BenchError ? error.code : error instanceof Error ? error.name : "unknown";
  if (code === "MODEL_SCRIPT") return { ...base, status: "model-error", code, message };
  if (code === "SANDBOX_UNAVAILABLE") return { ...base, status: "sandbox-unavailable", code, message };
  return { ...base, status: "harness-error", code, message };
}
