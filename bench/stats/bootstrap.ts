/** Intervals for medians of times, which have no distribution worth assuming. */
import { random } from "../../fixtures/random.ts";
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
  const n = samples.length;
  if (n < minimumSamples) return null;
  const draw = random(n, "bootstrap");
  const ordered = sorted(samples);
  const medians = Array.from({ length: resamples }, () => {
    const resample = Array.from({ length: n }, () => ordered[draw.integer(0, n - 1)] ?? Number.NaN);
    return quantile(sorted(resample), 0.5);
  });
  const spread = sorted(medians);
  const tail = (1 - confidence) / 2;
  return { low: quantile(spread, tail), high: quantile(spread, 1 - tail), confidence };
}
