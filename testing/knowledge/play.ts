/** Plays whole cells for the tests of what programs know: every scenario, variant, mode and policy, from the registries. */

import type { PlayedCell } from "../../bench/play/cell.ts";
import { agentRegistry, modeRegistry } from "../../bench/play/modes/registry.ts";
import { loadCounter } from "../../bench/tokens/counters/registry.ts";
import {
  type Mode,
  type OutputSchemas,
  outputSchemaChoices,
  type Params,
  type Policy,
  type ScriptedAgent,
} from "../../contract/index.ts";
import { scenarioRegistry } from "../../scenarios/registry.ts";
import { cellPlayer, smallWorld } from "../cells.ts";
import { patientMs } from "../patience.ts";

/** One way of doing one task. */
export interface Way {
  /** Scenario, parameters and mode, for people; the same under every policy. */
  readonly name: string;
  readonly scenario: string;
  /** Whole, as the scenario's schema gives them. */
  readonly params: Params;
  readonly mode: string;
  /** Its tool uses are programs. */
  readonly programs: boolean;
  readonly policy: Policy | null;
  readonly outputSchemas: OutputSchemas | null;
}

/** Every way that a scenario is played: each variant in each mode that is no control, under each of its policies and choices of output schemas. */
export async function everyWay(): Promise<readonly Way[]> {
  const ways: Way[] = [];
  for (const scenario of scenarioRegistry.ids) {
    const loaded = await scenarioRegistry.load(scenario);
    for (const params of loaded.variants.map((variant) => smallWorld(loaded, variant))) {
      for (const mode of modeRegistry.ids) {
        const { policies, showsOutputSchemas, sandbox, control } = await modeRegistry.load(mode);
        if (control) continue;
        const way = {
          name: `${scenario} ${JSON.stringify(params)} in ${mode}`,
          scenario,
          params,
          mode,
          programs: sandbox !== null,
        };
        for (const policy of policies.length === 0 ? [null] : policies) {
          if (policy === "return-and-ask" && loaded.codeReturning === undefined) continue;
          for (const outputSchemas of showsOutputSchemas ? outputSchemaChoices : [null])
            ways.push({ ...way, policy, outputSchemas });
        }
      }
    }
  }
  return ways;
}

/** A mode that shows or does something else, and an agent that plays it otherwise. */
export interface Change {
  mode?(mode: Mode): Mode;
  agent?(agent: ScriptedAgent): ScriptedAgent;
}

export interface Player {
  play(way: Way, change?: Change): Promise<PlayedCell>;
  dispose(): Promise<void>;
}

export async function player(tmpDir: string): Promise<Player> {
  const { playOne, dispose } = cellPlayer(tmpDir);
  const counter = await loadCounter("o200k_base");
  // Tokens are not looked at here, and long results would take their time.
  const counters = [{ ...counter, count: () => 0 }];
  return {
    async play({ scenario, params, mode: modeId, policy, outputSchemas }, change = {}) {
      const mode = await modeRegistry.load(modeId);
      const agent = await agentRegistry.load(modeId);
      return playOne(
        { scenario, params, mode: modeId, policy, outputSchemas, sandbox: mode.sandbox === null ? null : "quickjs-inprocess" },
        {
          mode: change.mode?.(mode) ?? mode,
          agents: { load: async () => change.agent?.(agent) ?? agent },
          counters,
          limits: { memoryBytes: 256 * 2 ** 20, wallTimeMs: 60_000, outputBytes: 2 ** 20, cellTimeMs: patientMs },
        },
      );
    },
    dispose,
  };
}
