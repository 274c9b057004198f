/** Order statistics. Samples are never trimmed and never rounded. */

declare const sortedBrand: unique symbol;
/** Numbers in ascending order; only `sorted` makes them, so a quantile of unsorted samples does not compile. */
export type Sorted = readonly number[] & { readonly [sortedBrand]: true };

export function sorted(samples: readonly number[]): Sorted {
  return samples.toSorted((a, b) => a - b) as readonly number[] as Sorted;
}

/**
 * The quantile `p` (0 to 1), interpolated linearly between neighbours. Throws RangeError without samples.
 *
 * Source: Hyndman and Fan (1996), definition 7, the default of R and NumPy.
 */
export function quantile(samples: Sorted, p: number): number {
  const at = (samples.length - 1) * p;
  const low = samples[Math.floor(at)];
  const high = samples[Math.ceil(at)];
  if (low === undefined || high === undefined) throw new RangeError("A quantile needs at least one sample.");
  return low + (high - low) * (at - Math.floor(at));
}

/** Lowest, middle and highest. The middle of an even number of values is the mean of the middle two. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** `undefined` without samples. */
export function spread(values: readonly number[]): Spread | undefined {
  const samples = sorted(values);
  const min = samples[0];
  const max = samples.at(-1);
  return min === undefined || max === undefined ? undefined : { median: quantile(samples, 0.5), min, max };
}
