/** A titled table of a report, and the row that every figure gets in one. Unescaped: the formats escape it. */

import type { Interval } from "../figures/statistics/bootstrap.ts";
import { count, significant } from "../numbers.ts";
import type { Figure } from "./summarise.ts";

export interface Section {
  readonly title: string;
  /** What is measured, in a sentence of ours: it is not escaped. `""`: the title says it. */
  readonly about: string;
  /** `null`: no table. */
  readonly table: {
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
    /** Columns that a narrow page may do without. */
    readonly dispensable?: readonly string[];
  } | null;
}

const megabyte = 1_000_000;

/** After the name of whatever was measured. */
export const figureHead = ["median", "95% interval", "p95", "p99", "lowest", "highest", "n", "failed"] as const;
export const dispensableFigures = ["lowest", "highest"] as const;

export function figureCells({ tails, unit, failed, givenUp }: Figure): string[] {
  const failures = givenUp === 0 ? String(failed) : `${failed}, then ${givenUp} not tried`;
  if (tails === null) return ["-", "", "", "", "", "", "0", failures];
  const show = (value: number) => shownValue({ unit }, value);
  return [
    show(tails.median.value),
    intervalText(tails.median.interval, show),
    tails.p95 === null ? "-" : show(tails.p95.value),
    tails.p99 === null ? "-" : show(tails.p99.value),
    show(tails.min),
    show(tails.max),
    count(tails.n),
    failures,
  ];
}

export function shownValue({ unit }: Pick<Figure, "unit">, value: number): string {
  const shown = unit === "bytes" ? value / megabyte : value;
  return shown < 0 ? `-${significant(-shown)}` : significant(shown);
}

function intervalText(interval: Interval | null, show: (value: number) => string): string {
  return interval === null ? "-" : `${show(interval.low)} to ${show(interval.high)}`;
}
