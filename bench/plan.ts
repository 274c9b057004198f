/** Pure: a configuration and what exists become cells, in the order in which they are played. */

import { parameterSets } from "./parameters.ts";
import { BenchError, type CellKey, type Discovery, type Params, type RunConfig, type Scenario } from "./types/index.ts";

/** What the planner needs to know of a mode. */
export interface PlannedMode {
  readonly id: string;
  readonly usesSandbox: boolean;
  readonly control: boolean;
}

export interface PlanInput {
  readonly config: RunConfig;
  readonly scenarios: readonly Scenario[];
  readonly modes: readonly PlannedMode[];
  /** Ids of the selected sandboxes that can run here. */
  readonly sandboxes: readonly string[];
  /** Played beside the default cells when `config.controls` is set: the direct mode again, and this mode once. */
  readonly echo: PlannedMode | undefined;
  /** Seeded, returns a new array in random order. */
  readonly shuffle: <T>(list: readonly T[]) => T[];
}

/** Throws `BenchError` USAGE for a parameter that no selected scenario has or that is out of range. */
export function plan({ config, scenarios, modes, sandboxes, echo, shuffle }: PlanInput): readonly CellKey[] {
  const sets = parameterSets(scenarios, config.params);
  const cells: CellKey[] = [];
  const add = (
    scenario: Scenario,
    params: Params,
    mode: PlannedMode,
    discovery: Discovery,
    tools: number | null,
    seed: number,
    repetition: number,
  ) => {
    for (const sandbox of mode.usesSandbox ? sandboxes : [null]) {
      cells.push({
        scenario: scenario.id,
        params,
        mode: mode.id,
        sandbox,
        model: "scripted",
        discovery,
        tools,
        seed,
        repetition,
      });
    }
  };
  for (const scenario of scenarios) {
    for (const params of sets.get(scenario.id) ?? []) {
      for (const tools of config.tools) {
        for (const mode of modes) {
          // Discovery is a policy of the code modes; direct has all definitions before it starts.
          for (const discovery of mode.usesSandbox ? config.discoveries : config.discoveries.slice(0, 1)) {
            for (let seed = 1; seed <= config.seeds; seed++) {
              for (let repetition = 0; repetition < config.repeat; repetition++) {
                add(scenario, params, mode, discovery, tools, seed, repetition);
              }
            }
          }
        }
      }
    }
    if (config.controls) addControls(scenario);
  }
  if (cells.length === 0) throw new BenchError("NOTHING_TO_PLAY", { fix: "Run `mcp-code-bench list` to see what there is." });
  return shuffle(cells);

  /** On the first parameter set with the scenario's first tool count and seed 1: enough to show that the arithmetic is honest. */
  function addControls(scenario: Scenario): void {
    const [params] = sets.get(scenario.id) ?? [];
    const [tools] = config.tools;
    const [discovery] = config.discoveries;
    if (params === undefined || tools === undefined || discovery === undefined) return;
    const direct = modes.find((mode) => !mode.usesSandbox && !mode.control);
    if (direct !== undefined) add(scenario, params, direct, discovery, tools, 1, config.repeat);
    if (echo !== undefined && !modes.some((mode) => mode.id === echo.id)) add(scenario, params, echo, discovery, tools, 1, 0);
  }
}
