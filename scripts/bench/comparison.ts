/** What a benchmark hands back: figures and targets, no text layout. The same shape goes to the table and to `--json`. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export type Unit = "ms" | "ratio" | "MB" | "tokens" | "percent";

export interface Target {
  readonly bound: "at most" | "at least";
  readonly value: number;
  readonly unit: Unit;
}

/** One line: two sides measured in the same rounds, and what one is to the other. */
export interface Comparison {
  readonly what: string;
  /** The project's side, and what it is held against. */
  readonly left: { readonly spread: Spread; readonly unit: Unit };
  readonly right: { readonly spread: Spread; readonly unit: Unit };
  /** Over the rounds: each round's own ratio or difference, never that of the medians. */
  readonly figure: { readonly spread: Spread; readonly unit: Unit };
  /** Absent: shown for information. */
  readonly target?: Target;
  readonly met?: boolean;
}

/** A table of its own, for what is not a comparison of two sides. All cells are text. */
export interface Listing {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface BenchmarkResult {
  readonly comparisons: readonly Comparison[];
  readonly listings?: readonly Listing[];
  /** How it was measured, and what a reader must know to judge it. */
  readonly notes: readonly string[];
}

export interface Benchmark {
  readonly id: string;
  readonly title: string;
  /** `say` reports progress. `only`: the backends to measure, where there is a line for each; absent: all. */
  run(say: (line: string) => void, only?: readonly string[]): Promise<BenchmarkResult>;
}

/** One round: both sides measured one after the other. */
export interface Round {
  readonly left: number;
  readonly right: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const lower = sorted[Math.ceil(middle) - 1];
  const upper = sorted[Math.floor(middle)];
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined || lower === undefined || upper === undefined)
    throw new TypeError("No round was played.");
  return { median: (lower + upper) / 2, min, max };
}

/** `figure` makes one number of a round; default left / right. */
export function compare(
  what: string,
  rounds: readonly Round[],
  options: {
    readonly unit?: Unit;
    readonly figure?: (round: Round) => number;
    readonly figureUnit?: Unit;
    readonly target?: Target;
  } = {},
): Comparison {
  const { unit = "ms", figure = ({ left, right }: Round) => left / right, figureUnit = "ratio", target } = options;
  const measured = spread(rounds.map(figure));
  return {
    what,
    left: { spread: spread(rounds.map(({ left }) => left)), unit },
    right: { spread: spread(rounds.map(({ right }) => right)), unit },
    figure: { spread: measured, unit: figureUnit },
    ...(target === undefined ? {} : { target, met: isMet(measured.median, target) }),
  };
}

export function isMet(value: number, { bound, value: limit }: Target): boolean {
  return bound === "at most" ? value <= limit : value >= limit;
}

export const atMost = (value: number, unit: Unit = "ratio"): Target => ({ bound: "at most", value, unit });
export const atLeast = (value: number, unit: Unit = "ratio"): Target => ({ bound: "at least", value, unit });
