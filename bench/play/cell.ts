/** Plays one cell in a world of its own, and turns whatever happened into a record. Nothing that a cell does ends the run. */
import {
  BenchError,
  type BridgeLimits,
  type CellKey,
  type CellRecord,
  cellRecordSchema,
  type EndState,
  type Json,
  type ModeSession,
  type SavedTranscript,
  type Task,
  type ToolDefinition,
  type WorldServer,
} from "../../contract/index.ts";
import { createBridge } from "../servers/bridge/bridge.ts";
import { connect } from "../servers/connection.ts";
import { overTransport } from "../servers/transports.ts";
import { gapSeconds } from "../tokens/modelled-time.ts";
import { type Played, play } from "./play.ts";
import { failureRecord, playedRecord, savedTranscript } from "./record-cell.ts";
import type { CellSetting } from "./setting.ts";
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

/** A record, and the conversations if they were played to their end. */
export interface PlayedCell {
  readonly record: CellRecord;
  readonly saved?: SavedTranscript;
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
    return { record: failureRecord(key, setting.machine, expired ? cellTimeError(setting.limits.cellTimeMs) : error) };
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
    language: key.language,
    now,
    signal,
  });
  open.push(session);
  const start = now();
  const played = await converse(key, setting, session, task, bridge.tools, signal);
  const playMs = now() - start;
  const end: EndState = { before, after: await snapshots(servers), answer: played.answer };
  const episodes = [[{ agent: "main", played }]];
  const { sandboxOpenMs } = session;
  return {
    record: sound(playedRecord({ key, setting, task, connections, sandboxOpenMs, bridge, episodes, end, playMs })),
    saved: savedTranscript(key, setting, episodes),
  };
}

async function converse(
  { policy, language }: CellKey,
  setting: CellSetting,
  session: ModeSession,
  task: Task,
  tools: readonly ToolDefinition[],
  signal: AbortSignal,
): Promise<Played> {
  const choice = { policy, language, tools, wallTimeMs: setting.limits.wallTimeMs };
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

async function snapshots(servers: readonly WorldServer[]): Promise<{ [server: string]: Json }> {
  return Object.fromEntries(await Promise.all(servers.map(async (server) => [server.name, await server.snapshot()])));
}

/** The record, if whoever reads it back finds one. Throws BAD_RECORD: figures rest on the word of parts, and of guests. */
function sound(record: CellRecord): CellRecord {
  const issue = cellRecordSchema.safeParse(record).error?.issues[0];
  if (issue === undefined) return record;
  throw new BenchError("BAD_RECORD", { problem: `${issue.path.join(".") || "the whole"}: ${issue.message}` });
}

function cellTimeError(cellTimeMs: number): BenchError {
  return new BenchError("LIMIT", {
    limit: "cell-time",
    problem: `the cell was not over after ${cellTimeMs} ms`,
    fix: "Raise it with --cell-time.",
  });
}
