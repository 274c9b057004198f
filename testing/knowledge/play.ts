/** Plays whole cells for the tests of what programs know: every scenario, variant, mode and policy, from the registries. */

import { type PlayedCell, playCell } from "../../bench/play/cell.ts";
import { scripted } from "../../bench/play/models/scripted.ts";
import { agentRegistry, modeRegistry } from "../../bench/play/modes/registry.ts";
import { loadCounter } from "../../bench/tokens/counters/registry.ts";
import {
  type CellKey,
  defaultBaseline,
  type Mode,
  type OutputSchemas,
  outputSchemaChoices,
  type Params,
  type Policy,
  policies,
  type Sandbox,
  type ScriptedAgent,
} from "../../contract/index.ts";
import { defaultModelProfile, defaultSpeedProfile, defaultToolLatency } from "../../fixtures/profiles.ts";
import { sandboxRegistry } from "../../sandboxes/registry.ts";
import { scenarioRegistry } from "../../scenarios/registry.ts";

const codeMode = "code-execution";

/** One way of doing one task. */
export interface Way {
  /** Scenario, parameters and mode, for people; the same under every policy. */
  readonly name: string;
  readonly scenario: string;
  /** Whole, as the scenario's schema gives them. */
  readonly params: Params;
  readonly mode: string;
  readonly policy: Policy | null;
  readonly outputSchemas: OutputSchemas | null;
}

/**
 * Sizes that show a scenario's whole shape and are quick to play; parameters that are larger are taken down to them. A
 * scenario with other parameters is played as large as it is by default.
 */
const enough: Params = { rows: 150, pageRows: 50, minutes: 2, kilobytes: 3, polls: 4 };

function small(params: Params): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      const most = enough[name];
      return [name, typeof value === "number" && typeof most === "number" ? Math.min(value, most) : value];
    }),
  );
}

/** Every way that a scenario is played: each variant directly, and by programs under each policy and choice of output schemas. */
export async function everyWay(): Promise<readonly Way[]> {
  const ways: Way[] = [];
  for (const id of scenarioRegistry.ids) {
    const scenario = await scenarioRegistry.load(id);
    for (const params of scenario.variants.map((variant) => small(scenario.params.parse(variant)))) {
      const task = `${id} ${JSON.stringify(params)}`;
      const direct = { name: `${task} in ${defaultBaseline}`, mode: defaultBaseline, policy: null, outputSchemas: null };
      ways.push({ ...direct, scenario: id, params });
      const code = { name: `${task} in ${codeMode}`, mode: codeMode, scenario: id, params };
      for (const policy of policies) {
        if (policy === "return-and-ask" && scenario.codeReturning === undefined) continue;
        for (const outputSchemas of outputSchemaChoices) ways.push({ ...code, policy, outputSchemas });
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
  const host = { env: {}, platform: process.platform, now: () => performance.now(), tmpDir, nodePath: process.execPath };
  const sandbox: Sandbox = (await sandboxRegistry.load("quickjs-inprocess"))(host);
  const counter = await loadCounter("o200k_base");
  return {
    async play({ scenario: id, params, mode: modeId, policy, outputSchemas }, change = {}) {
      const scenario = await scenarioRegistry.load(id);
      const mode = await modeRegistry.load(modeId);
      const agent = await agentRegistry.load(modeId);
      const key: CellKey = {
        scenario: id,
        mode: modeId,
        sandbox: mode.sandbox === null ? null : sandbox.id,
        model: "scripted",
        policy,
        outputSchemas,
        language: mode.sandbox?.languages[0] ?? null,
        tools: null,
        seed: 1,
        repetition: 0,
        role: "figure",
        params,
      };
      return playCell(key, {
        scenario,
        mode: change.mode?.(mode) ?? mode,
        model: scripted,
        agents: { load: async () => change.agent?.(agent) ?? agent },
        ...(mode.sandbox === null ? {} : { sandbox }),
        firstOpen: false,
        extraServers: [],
        // Tokens are not looked at here, and long results would take their time.
        counters: [{ ...counter, count: () => 0 }],
        serialisations: ["json"],
        profiles: { model: defaultModelProfile, others: [], speed: defaultSpeedProfile, toolLatency: defaultToolLatency },
        limits: { memoryBytes: 256 * 2 ** 20, wallTimeMs: 60_000, outputBytes: 2 ** 20, cellTimeMs: 120_000 },
        enforceWindow: false,
        machine: "test",
        host: { tmpDir, nodePath: process.execPath },
        now: () => performance.now(),
        signal: new AbortController().signal,
      });
    },
    dispose: () => sandbox.dispose(),
  };
}
