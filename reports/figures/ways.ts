/** In which order ways stand: as they were asked for, and a control never before what it is compared with. */
import { echoMode, type RunInfo, type Selected } from "../../contract/index.ts";
import type { PlayedWay } from "./pairs.ts";

/** Whether a way is there to be compared with, for its mode or for its sandbox. */
export function isControl({ selected }: Pick<RunInfo, "selected">, way: Pick<PlayedWay, "mode" | "sandbox">): boolean {
  const among = (all: readonly Selected[], id: string | null) => all.some((one) => one.id === id && one.control);
  return way.mode === echoMode || among(selected.modes, way.mode) || among(selected.sandboxes, way.sandbox);
}

/** Compares by order of mode, policy, output schemas and sandbox in what was asked for; what is not in it comes last. */
export function compareWays(run: Pick<RunInfo, "selected" | "config">): (a: PlayedWay, b: PlayedWay) => number {
  const { selected, config } = run;
  const place = (all: readonly (string | null)[], id: string | null): number => {
    const at = all.indexOf(id);
    return at < 0 ? all.length : at;
  };
  const idsOf = (all: readonly Selected[]) => all.map(({ id }) => id);
  const places = (way: PlayedWay): readonly number[] => [
    isControl(run, way) ? 1 : 0,
    place(idsOf(selected.modes), way.mode),
    place(config.policies, way.policy),
    place(config.outputSchemas, way.outputSchemas),
    place(idsOf(selected.sandboxes), way.sandbox),
  ];
  return (a, b) => {
    const right = places(b);
    return places(a).reduce((order, at, i) => order || at - (right[i] ?? 0), 0);
  };
}
