/** Intervals for medians of times, which have no distribution worth assuming. */
import { random } from "../../../fixtures/random.ts";
import { quantile, sorted } from "./quantile.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** E.g. 0.95. */
  readonly confidence: number;
}

/** Fewer samples than this have no 95% interval for a median: the lowest and highest of five cover it 15 times in 16. */
const minimumSamples = 6;
const resamples = 1000;
const confidence = 0.95;

/**
 * The percentile bootstrap interval of the median, or `null` below `minimumSamples`. Seeded by the number of samples
 * alone: equal samples, equal interval.
 *
 * Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
 */
export function medianInterval(samples: readonly number[]): Interval | null {
  const ordered = sorted(samples);
  return clusterInterval(
    ordered.map((sample) => [sample]),
    0.5,
  );
}

/**
 * The same for any quantile `p` of samples that come in clusters, as the calls of one session do: whole clusters are
 * drawn, because what is in one is alike. `null` below `minimumSamples` clusters.
 *
 * Source: as above, chapter 8 (resampling the independent units).
 */
export function clusterInterval(clusters: readonly (readonly number[])[], p: number): Interval | null {
  const n = clusters.length;
  if (n < minimumSamples) return null;
  const draw = random(n, "bootstrap");
  const ordered = clusters
    .flatMap((cluster, index) => cluster.map((value) => ({ value, index })))
    .sort((a, b) => a.value - b.value);
  const resampled = Array.from({ length: resamples }, () => {
    const times = new Array<number>(n).fill(0);
    for (let i = 0; i < n; i++) {
      const drawn = draw.integer(0, n - 1);
      times[drawn] = (times[drawn] ?? 0) + 1;
    }
    return weightedQuantile(ordered, times, p);
  });
  const spread = sorted(resampled);
  const tail = (1 - confidence) / 2;
  return { low: quantile(spread, tail), high: quantile(spread, 1 - tail), confidence };
}

/** `quantile` of the list in which each value stands as often as its cluster was drawn, without making that list. */
function weightedQuantile(
  ordered: readonly { readonly value: number; readonly index: number }[],
  times: readonly number[],
  p: number,
): number {
  const total = ordered.reduce((sum, { index }) => sum + (times[index] ?? 0), 0);
  const at = (total - 1) * p;
  let seen = 0;
  let low = Number.NaN;
  for (const { value, index } of ordered) {
    const before = seen;
    seen += times[index] ?? 0;
    if (before <= Math.floor(at) && Math.floor(at) < seen) low = value;
    if (before <= Math.ceil(at) && Math.ceil(at) < seen) return low + (value - low) * (at - Math.floor(at));
  }
  return low;
}
