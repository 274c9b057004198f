/** Pure: a configuration and what exists become cells, in the order in which they are played. */

import {
  BenchError,
  type CellKey,
  defaultBaseline,
  type Language,
  type Mode,
  type OutputSchemas,
  outputSchemaChoices,
  type Policy,
  type Role,
  type RunConfig,
  type Sandbox,
  type Scenario,
  type Skip,
  type Subject,
} from "../../contract/index.ts";
import { parameterSets } from "./parameters.ts";

/** What the planner needs to know of a mode. */
export type PlannedMode = Pick<Mode, "id" | "sandbox" | "control" | "policies" | "showsOutputSchemas">;

type PlannedSandbox = Pick<Sandbox, "id" | "control" | "languages">;

export interface PlanInput {
  readonly config: RunConfig;
  readonly scenarios: readonly Scenario[];
  readonly modes: readonly PlannedMode[];
  /** Ids, the first for bounds and controls. */
  readonly models: readonly string[];
  /** The selected sandboxes that can run here. */
  readonly sandboxes: readonly PlannedSandbox[];
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
  readonly language: Language | null;
}

/** What a run is asked for where nothing else is said; a mode without it plays its own. */
const defaultLanguage: Language = "javascript";

/** Every cell is held in memory, and so is its record when a report is made. */
const maxCells = 1_000_000;

/** Throws `BenchError` USAGE for a parameter that no selected scenario has or that is out of range, and for too many cells. */
export function plan({ config, scenarios, modes, models, sandboxes, echo, shuffle }: PlanInput): readonly CellKey[] {
  const sets = parameterSets(scenarios, config.params);
  const cells: CellKey[] = [];
  const [firstTools] = config.tools;
  const [firstModel] = models;
  const hasBaseline = modes.some(({ id }) => id === config.baseline);
  if (!hasBaseline && config.baseline !== defaultBaseline) {
    throw new BenchError("USAGE", {
      problem: `--baseline ${config.baseline} is not among the modes that are played.`,
      fix: `Add --mode ${config.baseline}, or name one of ${modes.map(({ id }) => id).join(", ")}.`,
    });
  }
  const boundSandbox = sandboxes.toSorted((a, b) => Number(a.control) - Number(b.control)).slice(0, 1);
  refuseLanguages(config, modes);
  for (const scenario of scenarios) {
    for (const params of sets.get(scenario.id) ?? []) {
      for (const model of models) {
        for (const tools of config.tools) {
          const subject = { scenario: scenario.id, params, tools, model };
          for (const play of modes.flatMap((mode) => figurePlays(mode, scenario, config))) {
            for (let seed = 1; seed <= config.seeds; seed++) {
              for (let repetition = 0; repetition < config.repeat; repetition++) {
                add(play, subject, { seed, repetition, role: "figure" }, sandboxes);
              }
            }
          }
        }
      }
      // A bound is of a figure, and a figure compares with the baseline.
      if (!config.bounds || !hasBaseline || firstTools === undefined || firstModel === undefined) continue;
      const tools = config.tools.includes(null) ? null : firstTools;
      const subject = { scenario: scenario.id, params, tools, model: firstModel };
      for (const play of modes.flatMap((mode) => boundPlays(mode, scenario, config))) {
        add(play, subject, { seed: 1, repetition: 0, role: "bound" }, boundSandbox);
      }
    }
    if (config.controls) addControls(scenario);
  }
  if (cells.length === 0) throw new BenchError("NOTHING_TO_PLAY", { fix: "Run `mcp-code-bench list` to see what there is." });
  return shuffle(cells);

  function add(
    { mode, policy, outputSchemas, language }: Play,
    subject: Subject,
    sample: { readonly seed: number; readonly repetition: number; readonly role: Role },
    on: readonly PlannedSandbox[],
  ): void {
    for (const sandbox of mode.sandbox === null
      ? [null]
      : on.filter(({ languages }) => language === null || languages.includes(language)).map(({ id }) => id)) {
      if (cells.length === maxCells) {
        throw new BenchError("USAGE", {
          problem: `The selection has more than ${maxCells.toLocaleString("en-US")} cells.`,
          fix: "Ask for fewer seeds, repetitions, tool counts or parameters.",
        });
      }
      cells.push({ ...subject, mode: mode.id, policy, outputSchemas, language, sandbox, ...sample });
    }
  }

  /** On the first parameter set with the scenario's first tool count and seed 1: enough to show that the arithmetic is honest. */
  function addControls(scenario: Scenario): void {
    const [params] = sets.get(scenario.id) ?? [];
    if (params === undefined || firstTools === undefined || firstModel === undefined) return;
    const subject = { scenario: scenario.id, params, tools: firstTools, model: firstModel };
    const sample = { seed: 1, repetition: 0 };
    const baseline = modes.find(({ id }) => id === config.baseline);
    const [again] = baseline === undefined ? [] : figurePlays(baseline, scenario, config);
    if (again !== undefined) add(again, subject, { ...sample, role: "self-control" }, boundSandbox);
    const [echoed] = echo === undefined ? [] : figurePlays(echo, scenario, config);
    if (echoed !== undefined) {
      // A look prints data of its own, which would make up for data that a program lost: here no tool needs one.
      const withoutLooks = { ...echoed, outputSchemas: echoed.mode.showsOutputSchemas ? ("all" as const) : null };
      add(withoutLooks, subject, { ...sample, role: "echo-control" }, sandboxes);
    }
  }
}

/** What is compared, in the order asked for. */
function figurePlays(mode: PlannedMode, scenario: Scenario, config: RunConfig): readonly Play[] {
  const schemas = mode.showsOutputSchemas ? config.outputSchemas : [null];
  return policiesOf(mode, scenario, config).flatMap((policy) =>
    schemas.flatMap((outputSchemas) =>
      languagesOf(mode, config).map((language): Play => ({ mode, policy, outputSchemas, language })),
    ),
  );
}

/** A language that was asked for and that no mode writes its programs in would be played in another one. */
function refuseLanguages({ languages }: RunConfig, modes: readonly PlannedMode[]): void {
  const written = new Set(modes.flatMap(({ sandbox }) => sandbox?.languages ?? []));
  const unwritten = languages.find((language) => language !== defaultLanguage && !written.has(language));
  if (unwritten === undefined) return;
  const known = modes.flatMap(({ id, sandbox }) => (sandbox === null ? [] : [`${id} ${sandbox.languages.join(", ")}`]));
  throw new BenchError("USAGE", {
    problem: `No mode that is played writes its programs in ${unwritten}.`,
    fix: `Leave --language ${unwritten} out, or add a mode that does. Here: ${known.join("; ") || "no mode with programs"}.`,
  });
}

/** Those of the configuration that the mode's programs may be written in; the mode's default if it has none of them. */
function languagesOf({ sandbox }: Pick<PlannedMode, "sandbox">, config: RunConfig): readonly (Language | null)[] {
  if (sandbox === null) return [null];
  const asked = config.languages.filter((language) => sandbox.languages.includes(language));
  return asked.length === 0 ? sandbox.languages.slice(0, 1) : asked;
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
