/** Which cells budgets and baselines are about, by why they were played. */
import { axes, type CellKey, type RunConfig } from "../../contract/index.ts";
import { choiceAxes } from "./files/budgets.ts";

/** What the run compares. */
export type Compared = RunConfig;

/** A control shows that the arithmetic is honest. It is not a way to do the work, so it has no budget. */
export function isControl({ role }: Pick<CellKey, "role">): boolean {
  return role === "self-control" || role === "echo-control";
}

/** The choices in which a bound differs from the figures: those that the run was not asked to compare. */
export function boundBy(key: CellKey, compared: Compared): readonly (typeof choiceAxes)[number][] {
  if (key.role !== "bound") return [];
  return choiceAxes.filter((axis) => {
    const field = axes[axis].asked;
    const asked = field === undefined ? [] : compared[field];
    return key[axis] !== null && Array.isArray(asked) && asked.length > 0 && !asked.includes(key[axis]);
  });
}
