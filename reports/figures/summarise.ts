/**
 * Pure: records to the figures that reports print. Reduction is 1 - compared/baseline, for each pair of the same scenario,
 * parameters, tools and seed; it is never averaged over scenarios, and a cell that did not pass gives no figure.
 */

import type { CellRecord, RunInfo } from "../../contract/index.ts";
import { type Block, blocksOf } from "./blocks.ts";
import { type Bound, boundsOf } from "./bounds.ts";
import { type Control, controlsOf } from "./controls.ts";
import { type Problem, problemsOf } from "./problems.ts";
import { type Robustness, robustnessOf } from "./robustness.ts";
import { type Sensitivity, sensitivityOf } from "./sensitivity.ts";

export interface Summary {
  readonly cells: { readonly planned: number; readonly played: number; readonly passed: number };
  /** One a scenario, parameter set and number of tools, in the order of the names. */
  readonly blocks: readonly Block[];
  readonly controls: readonly Control[];
  readonly bounds: readonly Bound[];
  readonly sensitivity: readonly Sensitivity[];
  /** Whether each subject's conclusions hold under every choice that was tried. */
  readonly robustness: readonly Robustness[];
  /** What did not pass, like cells together. */
  readonly problems: readonly Problem[];
}

export function summarise(run: RunInfo, records: readonly CellRecord[]): Summary {
  const robustness = robustnessOf(run, records);
  return {
    cells: {
      planned: run.plannedCells,
      played: records.length,
      passed: records.filter(({ status }) => status === "passed").length,
    },
    blocks: blocksOf(run, records, robustness),
    controls: controlsOf(run, records),
    bounds: boundsOf(run, records),
    sensitivity: sensitivityOf(run, records, robustness),
    robustness,
    problems: problemsOf(records),
  };
}

export type { Block, ComparedWay, Figure, Restated, Side } from "./blocks.ts";
export type { Bound } from "./bounds.ts";
export type { Control } from "./controls.ts";
export type { Reduction } from "./reduction.ts";
export { type Conclusion, ofWay, type Robustness } from "./robustness.ts";
export type { Sensitivity } from "./sensitivity.ts";
export { isControl } from "./ways.ts";
