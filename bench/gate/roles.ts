/** Which cells budgets and baselines are about, by why they were played. */
import type { CellKey, RunConfig } from "../../contract/index.ts";

/** What the run compares. */
export type Compared = Pick<RunConfig, "outputSchemas">;

/** A control shows that the arithmetic is honest. It is no way to do the work: what it costs is nobody's budget. */
export function isControl({ role }: Pick<CellKey, "role">): boolean {
  return role === "self-control" || role === "echo-control";
}

/** The one choice in which a bound differs from the figures; `undefined`: the cell is no bound. */
export function boundBy(
  { role, outputSchemas }: Pick<CellKey, "role" | "outputSchemas">,
  compared: Compared,
): "policy" | "outputSchemas" | undefined {
  if (role !== "bound") return undefined;
  return outputSchemas === null || compared.outputSchemas.includes(outputSchemas) ? "policy" : "outputSchemas";
}
