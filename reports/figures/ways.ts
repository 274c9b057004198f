/** In which order ways stand: as they were asked for, and a control never before what it is compared with. */
import { axes, type RunInfo, type Selected, type Way, wayAxes } from "../../contract/index.ts";

/** Whether a way's mode or sandbox is a control. */
export function isControl({ selected }: Pick<RunInfo, "selected">, way: Pick<Way, "mode" | "sandbox">): boolean {
  const among = (all: readonly Selected[], id: string | null) => all.some((one) => one.id === id && one.control);
  return among(selected.modes, way.mode) || among(selected.sandboxes, way.sandbox);
}

/** Compares axis by axis, by the order in which values were asked for; what was not asked for comes last. */
export function compareWays({ selected, config }: Pick<RunInfo, "selected" | "config">): (a: Way, b: Way) => number {
  const asked = wayAxes.map((axis): readonly unknown[] => {
    if (axis === "mode") return selected.modes.map(({ id }) => id);
    if (axis === "sandbox") return selected.sandboxes.map(({ id }) => id);
    const field = axes[axis].asked;
    const listed = field === undefined ? [] : config[field];
    return Array.isArray(listed) ? listed : [];
  });
  const places = (way: Way): readonly number[] => [
    isControl({ selected }, way) ? 1 : 0,
    ...wayAxes.map((axis, i) => {
      const at = asked[i]?.indexOf(way[axis]) ?? -1;
      return at < 0 ? Number.MAX_SAFE_INTEGER : at;
    }),
  ];
  return (a, b) => {
    const right = places(b);
    return places(a).reduce((order, at, i) => order || at - (right[i] ?? 0), 0);
  };
}
