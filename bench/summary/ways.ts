/** In which order ways stand: as they were asked for, and a control never before what it is compared with. */
import type { RunInfo } from "../types/index.ts";
import type { PlayedWay } from "./pairs.ts";

/** Compares by order of mode, policy, output schemas and sandbox in the run's selection; what is not in it comes last. */
export function compareWays({ selected, config }: RunInfo): (a: PlayedWay, b: PlayedWay) => number {
  const ranked = (way: PlayedWay): readonly number[] => {
    const mode = selected.modes.findIndex(({ id }) => id === way.mode);
    const sandbox = selected.sandboxes.findIndex(({ id }) => id === way.sandbox);
    const control = selected.modes[mode]?.control === true || selected.sandboxes[sandbox]?.control === true;
    const policy = way.policy === null ? 0 : config.policies.indexOf(way.policy);
    const schemas = way.outputSchemas === null ? 0 : config.outputSchemas.indexOf(way.outputSchemas);
    return [control ? 1 : 0, ...[mode, policy, schemas, sandbox].map((at) => (at < 0 ? Number.POSITIVE_INFINITY : at))];
  };
  return (a, b) => {
    const [left, right] = [ranked(a), ranked(b)];
    const at = left.findIndex((rank, i) => rank !== right[i]);
    return at < 0 ? 0 : (left[at] ?? 0) < (right[at] ?? 0) ? -1 : 1;
  };
}
