/** Plays a scenario's script as turns of a model: what the modes' agents share. */
import type { JsonObject, Scenario, ScriptResult, ScriptTurn, Task, Turn } from "../../../contract/index.ts";

/** A tool use before it has an id. */
export interface PlannedUse {
  readonly name: string;
  readonly input: JsonObject;
  /** For people: see `Turn.labels`. */
  readonly label?: string;
  /** See `Turn.purposes`. */
  readonly purpose?: "discovery" | "program";
  /** See `ScriptProgram.looks`. */
  readonly looks?: true;
}

/** Numbers the tool uses of one conversation. The ids are never counted; they only pair uses with results. */
export function turnMaker(): (say: string | undefined, uses: readonly PlannedUse[]) => Turn {
  let next = 1;
  return (say, uses) => {
    const blocks = uses.map(({ name, input, label, purpose }) => {
      return { label, purpose, block: { type: "tool_use" as const, id: `toolu_${next++}`, name, input } };
    });
    const purposes = blocks.flatMap(({ purpose, block }) => (purpose === undefined ? [] : [[block.id, purpose] as const]));
    return {
      content: [...(say === undefined ? [] : [{ type: "text" as const, text: say }]), ...blocks.map(({ block }) => block)],
      labels: Object.fromEntries(blocks.flatMap(({ label, block }) => (label === undefined ? [] : [[block.id, label]]))),
      ...(purposes.length === 0 ? {} : { purposes: Object.fromEntries(purposes) }),
    };
  };
}

/** A script under way, its uses as a mode writes them. */
export type PlannedScript = Generator<ScriptTurn<PlannedUse>, JsonObject, readonly ScriptResult[]>;

/** The script with every use translated. */
export function* translated<U>(
  script: Generator<ScriptTurn<U>, JsonObject, readonly ScriptResult[]>,
  translate: (use: U) => PlannedUse,
): PlannedScript {
  let step = script.next();
  while (step.done !== true) step = script.next(yield { ...step.value, uses: step.value.uses.map(translate) });
  return step.value;
}

/** Runs a script to its end, then gives the answer as a turn without a tool use. */
export function* playScript(
  scenario: Scenario,
  task: Task,
  script: PlannedScript,
  makeTurn: ReturnType<typeof turnMaker>,
): Generator<Turn, void, readonly ScriptResult[]> {
  let step = script.next();
  while (step.done !== true) step = script.next(yield makeTurn(step.value.say, step.value.uses));
  yield { content: [{ type: "text", text: scenario.answer(step.value, task) }] };
}
