/** What a report says of measured times. */
import { type Interval, medianInterval } from "./bootstrap.ts";
import { quantile, sorted } from "./quantile.ts";

/** Milliseconds. */
export interface Times {
  readonly n: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Of the median; `null` under six samples. */
  readonly interval: Interval | null;
  /** `null` under 100 samples: it would be little else than the maximum. */
  readonly p99: number | null;
}

/** `null` without samples. */
export function times(samples: readonly number[]): Times | null {
  if (samples.length === 0) return null;
  const ordered = sorted(samples);
  return {
    n: ordered.length,
    median: quantile(ordered, 0.5),
    min: quantile(ordered, 0),
    max: quantile(ordered, 1),
    interval: medianInterval(ordered),
    p99: ordered.length < 100 ? null : quantile(ordered, 0.99),
  };
}
