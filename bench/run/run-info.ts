/** What `run.json` says: what was asked, on what machine, with which versions. */
import { RECORD_SCHEMA_VERSION, type RunConfig, type RunInfo, type ToolDefinition } from "../../contract/index.ts";
import type { Connection } from "../servers/connection.ts";
import { refusedTools } from "../servers/tool-names.ts";
import { sha256 } from "./jobs.ts";
import type { Player } from "./player.ts";

/** A run is called by the second in which it began, UTC: `20251121-093000`. */
export function runIdOf(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}

export function runInfo(config: RunConfig, player: Player, profiles: RunInfo["profiles"], plannedCells: number): RunInfo {
  const { scenarios, modes, sandboxes, skipped, catalogue, host } = player;
  const date = host.date();
  return {
    schemaVersion: RECORD_SCHEMA_VERSION,
    runId: runIdOf(date),
    startedAt: date.toISOString(),
    config,
    plannedCells,
    selected: {
      modes: [...modes.values()].map(({ id, control, short = id }) => ({ id, control, short })),
      sandboxes: [...sandboxes.values()].map(({ id, control }) => ({ id, control })),
    },
    claims: [...scenarios.values()].flatMap(({ id, claim }) => (claim === undefined ? [] : [{ scenario: id, ...claim }])),
    skipped,
    machines: [host.machine],
    profiles,
    versions: versionsOf(player),
    catalogueServers: catalogue.map(({ name, serverVersion, protocol, tools }) => ({
      name,
      version: serverVersion,
      protocol,
      tools: tools.length,
      refused: refusedTools(tools),
    })),
  };
}

function versionsOf({ version, contents, sandboxes, counters, catalogue }: Player): RunInfo["versions"] {
  return {
    "mcp-code-bench": version,
    ...(contents.configuration === null ? {} : { configuration: contents.configuration.slice(0, shortDigits) }),
    ...Object.fromEntries([...sandboxes.values()].map(({ id, version }) => [`sandbox ${id}`, version])),
    ...Object.fromEntries([...counters.values()].map(({ id, version }) => [`counter ${id}`, version])),
    ...Object.fromEntries(catalogue.map(({ name, tools }) => [`tools of server ${name}`, shortHash(tools)])),
    ...Object.fromEntries(catalogue.flatMap(instructionsOf)),
  };
}

function instructionsOf({ name, instructions }: Connection): readonly (readonly [string, string])[] {
  return instructions === undefined ? [] : [[`instructions of server ${name}`, shortHash(instructions)]];
}

const shortDigits = 12;

/** Equal text, equal hash: a server may change what the model is shown and keep its version. */
function shortHash(shown: string | readonly ToolDefinition[]): string {
  return sha256(JSON.stringify(shown)).slice(0, shortDigits);
}
