/** Pure: a configuration and what exists become cells, in the order in which they are played. */

import {
  BenchError,
  baselineMode,
  type CellKey,
  type Mode,
  type OutputSchemas,
  outputSchemaChoices,
  type Policy,
  type RunConfig,
  type Scenario,
  type Selected,
  type Skip,
} from "../../contract/index.ts";
import { parameterSets } from "./parameters.ts";

/** What the planner needs to know of a mode. */
export type PlannedMode = Pick<Mode, "id" | "sandbox" | "control" | "policies" | "showsOutputSchemas">;

export interface PlanInput {
  readonly config: RunConfig;
  readonly scenarios: readonly Scenario[];
  readonly modes: readonly PlannedMode[];
  /** The selected sandboxes that can run here. */
  readonly sandboxes: readonly Selected[];
  /** Played beside the default cells when `config.controls` is set: the direct mode again, and this mode once. */
  readonly echo: PlannedMode | undefined;
  /** Seeded, returns a new array in random order. */
  readonly shuffle: <T>(list: readonly T[]) => T[];
}

/** How one mode is played, its sandbox apart. */
interface Play {
  readonly mode: PlannedMode;
  readonly policy: Policy | null;
  readonly outputSchemas: OutputSchemas | null;
}

/** Every cell is held in memory, and so is its record when a report is made. */
const maxCells = 1_000_000;

/** Throws `BenchError` USAGE for a parameter that no selected scenario has or that is out of range, and for too many cells. */
export function plan({ config, scenarios, modes, sandboxes, echo, shuffle }: PlanInput): readonly CellKey[] {
  const sets = parameterSets(scenarios, config.params);
  const cells: CellKey[] = [];
  const [firstTools] = config.tools;
  const hasBaseline = modes.some(({ id }) => id === baselineMode);
  const boundSandbox = sandboxes.toSorted((a, b) => Number(a.control) - Number(b.control)).slice(0, 1);
  for (const scenario of scenarios) {
    for (const params of sets.get(scenario.id) ?? []) {
      const subject = { scenario: scenario.id, params, model: "scripted" };
      for (const tools of config.tools) {
        for (const play of modes.flatMap((mode) => figurePlays(mode, scenario, config))) {
          for (let seed = 1; seed <= config.seeds; seed++) {
            for (let repetition = 0; repetition < config.repeat; repetition++) {
              add(play, { ...subject, tools, seed, repetition, role: "figure" }, sandboxes);
            }
          }
        }
      }
      // A bound is of a figure, and a figure compares with the baseline.
      if (!config.bounds || !hasBaseline || firstTools === undefined) continue;
      const tools = config.tools.includes(null) ? null : firstTools;
      for (const play of modes.flatMap((mode) => boundPlays(mode, scenario, config))) {
        add(play, { ...subject, tools, seed: 1, repetition: 0, role: "bound" }, boundSandbox);
      }
    }
    if (config.controls) addControls(scenario);
  }
  if (cells.length === 0) throw new BenchError("NOTHING_TO_PLAY", { fix: "Run `mcp-code-bench list` to see what there is." });
  return shuffle(cells);

  function add(
    { mode, policy, outputSchemas }: Play,
    rest: Omit<CellKey, "mode" | "sandbox" | "policy" | "outputSchemas">,
    on: readonly Selected[],
  ): void {
    for (const sandbox of mode.sandbox === null ? [null] : on.map(({ id }) => id)) {
      const { scenario, params, model, tools, seed, repetition, role } = rest;
      if (cells.length === maxCells) {
        throw new BenchError("USAGE", {
          problem: `The selection has more than ${maxCells.toLocaleString("en-US")} cells.`,
          fix: "Ask for fewer seeds, repetitions, tool counts or parameters.",
        });
      }
      cells.push({ scenario, params, mode: mode.id, sandbox, model, policy, outputSchemas, tools, seed, repetition, role });
    }
  }

  /** On the first parameter set with the scenario's first tool count and seed 1: enough to show that the arithmetic is honest. */
  function addControls(scenario: Scenario): void {
    const [params] = sets.get(scenario.id) ?? [];
    if (params === undefined || firstTools === undefined) return;
    const rest = { scenario: scenario.id, params, model: "scripted", tools: firstTools, seed: 1, repetition: 0 };
    const direct = modes.find((mode) => mode.sandbox === null && !mode.control);
    const [again] = direct === undefined ? [] : figurePlays(direct, scenario, config);
    if (again !== undefined) add(again, { ...rest, role: "self-control" }, sandboxes);
    const [echoed] = echo === undefined ? [] : figurePlays(echo, scenario, config);
    if (echoed !== undefined && !modes.some(({ id }) => id === echoed.mode.id)) {
      // A look prints data of its own, which would make up for data that a program lost: here no tool needs one.
      const withoutLooks = { ...echoed, outputSchemas: echoed.mode.showsOutputSchemas ? ("all" as const) : null };
      add(withoutLooks, { ...rest, role: "echo-control" }, sandboxes);
    }
  }
}

/** What is compared, in the order asked for. */
function figurePlays(mode: PlannedMode, scenario: Scenario, config: RunConfig): readonly Play[] {
  const schemas = mode.showsOutputSchemas ? config.outputSchemas : [null];
  return policiesOf(mode, scenario, config).flatMap((policy) =>
    schemas.map((outputSchemas): Play => ({ mode, policy, outputSchemas })),
  );
}

/** The first figure with one choice made differently, for every choice that is not compared anyway. */
function boundPlays(mode: PlannedMode, scenario: Scenario, config: RunConfig): readonly Play[] {
  const compared = policiesOf(mode, scenario, config);
  const [first] = figurePlays(mode, scenario, config);
  if (first === undefined || mode.control) return [];
  const others = mode.policies.filter((policy) => !compared.includes(policy) && fitsPolicy(scenario, policy));
  const schemas = mode.showsOutputSchemas ? outputSchemaChoices.filter((choice) => !config.outputSchemas.includes(choice)) : [];
  return [
    ...others.map((policy): Play => ({ ...first, policy })),
    ...schemas.map((outputSchemas): Play => ({ ...first, outputSchemas })),
  ];
}

/** Those of the configuration that the mode has and that mean something here; the mode's default if none is left. */
function policiesOf(mode: PlannedMode, scenario: Scenario, config: RunConfig): readonly (Policy | null)[] {
  const [standard = null] = mode.policies;
  const asked = config.policies.filter((policy) => mode.policies.includes(policy) && fitsPolicy(scenario, policy));
  return asked.length === 0 ? [standard] : asked;
}

/** What `config.policies` asks of a scenario that cannot give it: told, since another policy is played in its place. */
export function policySkips({ policies }: Pick<RunConfig, "policies">, scenarios: readonly Scenario[]): readonly Skip[] {
  return policies.flatMap((policy) =>
    scenarios
      .filter((scenario) => !fitsPolicy(scenario, policy))
      .map(({ id }) => ({
        what: `policy ${policy} in ${id}`,
        reason: "the scenario does not wait, and has no programs that return and are asked again",
        fix: `Leave ${id} out to play the policy alone.`,
      })),
  );
}

function fitsPolicy({ codeReturning }: Scenario, policy: Policy): boolean {
  return policy !== "return-and-ask" || codeReturning !== undefined;
}
