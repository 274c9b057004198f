/** What could go wrong in every cell is found before the first. */
import { BenchError, type RunConfig } from "../../contract/index.ts";
import { buildTree } from "../play/tree/tree.ts";
import { toolsOf } from "../servers/extra-servers.ts";
import { parameterSets } from "./parameters.ts";
import type { Player } from "./player.ts";

/**
 * `--tools N` counts every definition that direct sees, so it cannot be below what a scenario and the catalogue bring;
 * and a catalogue's names can meet a scenario's. Rejects with USAGE, SERVER_START or TOOL_NAMES.
 */
export async function checkWorlds(config: RunConfig, { scenarios, modes, catalogue, host }: Player): Promise<void> {
  const fewest = Math.min(...config.tools.map((tools) => tools ?? Number.POSITIVE_INFINITY));
  if (fewest === Number.POSITIVE_INFINITY && catalogue.length === 0) return;
  const sets = parameterSets([...scenarios.values()], config.params);
  for (const scenario of scenarios.values()) {
    for (const params of sets.get(scenario.id) ?? []) {
      const tools = await toolsOf(scenario, params, catalogue, host, host.signal);
      if (tools.length > fewest) {
        const bringing =
          config.catalogue === null ? `${scenario.id} brings itself` : `${scenario.id} and the catalogue bring themselves`;
        throw new BenchError("USAGE", {
          problem: `--tools ${fewest} is fewer than the ${tools.length} tools that ${bringing}.`,
          fix: `Give ${tools.length} or more, or "own".`,
        });
      }
      if ([...modes.values()].some((mode) => mode.sandbox !== null)) buildTree(tools);
    }
  }
}
