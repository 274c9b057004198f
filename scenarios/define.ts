/** What every scenario folder starts from. */
import type { Params, Scenario } from "../contract/index.ts";

/**
 * Checks a scenario against its own parameter type and returns it as one that a registry can hold. The cast is sound
 * because the planner gives a scenario only parameters that its own `params` schema has parsed.
 */
export function defineScenario<P extends Params>(scenario: Scenario<P>): Scenario {
  return scenario as unknown as Scenario;
}
