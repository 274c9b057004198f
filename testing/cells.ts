/** Plays single cells for tests: what a test does not say is the default, and every time is one that nothing waits for. */
import { type PlayedCell, playCell } from "../bench/play/cell.ts";
import { modelRegistry } from "../bench/play/models/registry.ts";
import { agentRegistry, modeRegistry } from "../bench/play/modes/registry.ts";
import type { CellSetting } from "../bench/play/setting.ts";
import { loadCounter } from "../bench/tokens/counters/registry.ts";
import type { CellKey, Params, Sandbox, Scenario } from "../contract/index.ts";
import { defaultModelProfile, defaultSpeedProfile, defaultToolLatency } from "../fixtures/profiles.ts";
import { sandboxRegistry } from "../sandboxes/registry.ts";
import { scenarioRegistry } from "../scenarios/registry.ts";
import { patientMs } from "./patience.ts";

/**
 * Sizes, by the parameter's name, that show a scenario's whole shape and are quick to play: what is larger is taken down
 * to them. Any other parameter stays as it is.
 */
const enough: Params = { rows: 150, pageRows: 50, minutes: 2, kilobytes: 3, polls: 4 };

/** A variant of a scenario, whole, in a small world. */
export function smallWorld({ params: schema }: Scenario, variant: Partial<Params>): Params {
  const whole = Object.entries(schema.parse(variant)).map(([name, value]) => {
    const most = enough[name];
    return [name, typeof value === "number" && typeof most === "number" ? Math.min(value, most) : value];
  });
  return Object.fromEntries(whole);
}

export interface CellPlayer {
  /** Plays on the named sandbox, or on quickjs, where the mode uses one. */
  playOne(key: Partial<CellKey>, changes?: Partial<CellSetting>): Promise<PlayedCell>;
  dispose(): Promise<void>;
}

/** `tmpDir` is an existing folder, which the caller removes after `dispose`. */
export function cellPlayer(tmpDir: string): CellPlayer {
  const host = { env: {}, platform: process.platform, now: () => performance.now(), tmpDir, nodePath: process.execPath };
  const sandboxes = new Map<string, Promise<Sandbox>>();
  const sandboxOf = (id: string): Promise<Sandbox> => {
    const made = sandboxes.get(id) ?? sandboxRegistry.load(id).then((factory) => factory(host));
    sandboxes.set(id, made);
    return made;
  };
  return {
    async playOne(key, changes = {}) {
      const scenario = await scenarioRegistry.load(key.scenario ?? "sheet-filter");
      const mode = await modeRegistry.load(key.mode ?? "direct-tool-call");
      const sandbox = mode.sandbox === null ? undefined : await sandboxOf(key.sandbox ?? "quickjs");
      const whole: CellKey = {
        scenario: scenario.id,
        mode: mode.id,
        model: "scripted",
        policy: mode.policies[0] ?? null,
        outputSchemas: mode.showsOutputSchemas ? "real" : null,
        language: mode.sandbox?.languages[0] ?? null,
        tools: null,
        seed: 1,
        repetition: 0,
        role: "figure",
        ...key,
        sandbox: sandbox?.id ?? null,
        params: key.params === undefined ? smallWorld(scenario, {}) : scenario.params.parse(key.params),
      };
      return playCell(whole, {
        scenario,
        mode,
        model: await modelRegistry.load(whole.model),
        agents: agentRegistry,
        ...(sandbox === undefined ? {} : { sandbox }),
        firstOpen: false,
        extraServers: [],
        counters: [await loadCounter("o200k_base")],
        serialisations: ["json"],
        profiles: { model: defaultModelProfile, others: [], speed: defaultSpeedProfile, toolLatency: defaultToolLatency },
        limits: { memoryBytes: 256 * 2 ** 20, wallTimeMs: patientMs, outputBytes: 2 ** 20, cellTimeMs: patientMs },
        enforceWindow: false,
        machine: "test",
        host: { tmpDir, nodePath: process.execPath },
        now: () => performance.now(),
        signal: new AbortController().signal,
        ...changes,
      });
    },
    async dispose() {
      for (const made of sandboxes.values()) await (await made).dispose();
    },
  };
}
