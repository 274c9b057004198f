/** Whether a run played the cells of a baseline: what differs, and the command that plays them. */
import type { RunInfo } from "../../contract/index.ts";
import type { Lock } from "./files/lockfile.ts";
import type { NextSteps } from "./next-steps.ts";
import { type Check, check, number } from "./report.ts";
import { type Selection, selectionDifferences } from "./selection.ts";

/** Seeds of one group that one side has and the other has not. */
export interface OneSided {
  readonly group: string;
  readonly seeds: readonly number[];
}

export interface CellQuestions {
  /** In the baseline alone. */
  readonly missing: readonly OneSided[];
  /** In the run alone. */
  readonly extra: readonly OneSided[];
  /** Some figure differs from the baseline's. */
  readonly changed: boolean;
  readonly lock: Lock;
  readonly selection: Selection;
  readonly skipped: RunInfo["skipped"];
  /** Every planned cell has a record. */
  readonly whole: boolean;
  readonly nextSteps: NextSteps;
}

/** Named in full in a message; the rest is a number. */
const shown = 3;

/** `undefined`: both have the same cells, and the selection explains no difference in their figures. */
export function sameCells(questions: CellQuestions): Check | undefined {
  const { missing, extra, changed, lock, selection, skipped, whole, nextSteps } = questions;
  const differences = selectionDifferences(selection, lock.selection);
  if (missing.length === 0 && extra.length === 0) {
    if (!changed || differences.length === 0) return undefined;
    const name = "asked for the same as the baseline";
    return check("baseline", name, "warning", ...differences, "Figures may differ for this reason alone.", nextSteps.play(lock));
  }
  const makeBaseline = nextSteps.makeBaseline;
  const advice =
    differences.length > 0
      ? [...differences, nextSteps.play(lock), `Or ${makeBaseline}`]
      : whole
        ? [
            "The run was asked for the same, so what there is to play has changed.",
            ...(missing.length === 0
              ? []
              : skipped.slice(0, shown).map(({ what, reason }) => `Not planned: ${what} (${reason}).`)),
            `If that is meant, ${makeBaseline}`,
          ]
        : ["The run was asked for the same, and was cut short.", nextSteps.resume];
  const found = [...sidesText("Not in this run", missing), ...sidesText("Not in the baseline", extra)];
  return check("baseline", "the same cells as the baseline", "failed", ...found, ...advice);
}

/** One line for all groups of the same seeds: `Not in this run: seeds 3, 4 of A; B.` */
function sidesText(title: string, sides: readonly OneSided[]): readonly string[] {
  const bySeeds = new Map<string, string[]>();
  for (const { group, seeds } of sides) {
    const text = seedsText(seeds);
    bySeeds.set(text, [...(bySeeds.get(text) ?? []), group]);
  }
  return [...bySeeds].map(([seeds, groups]) => {
    const rest = groups.length - shown;
    const more = rest > 0 ? ` and ${number(rest)} more` : "";
    return `${title}: ${seeds} of ${groups.slice(0, shown).join("; ")}${more}.`;
  });
}

/** `seeds 1, 2, 3 and 7 more`, the lowest first. */
function seedsText(seeds: readonly number[]): string {
  const listed = seeds.toSorted((a, b) => a - b).slice(0, 5);
  const rest = seeds.length - listed.length;
  return `${seeds.length === 1 ? "seed" : "seeds"} ${listed.join(", ")}${rest > 0 ? ` and ${number(rest)} more` : ""}`;
}
