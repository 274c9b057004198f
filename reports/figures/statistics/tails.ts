/** Middle and tail of one figure, each with its interval, and only where there are samples enough for it. */
import { clusterInterval, type Interval } from "./bootstrap.ts";
import { quantile, sorted } from "./quantile.ts";

export interface Quantile {
  readonly value: number;
  /** 95%, bootstrap; `null` under six independent clusters. */
  readonly interval: Interval | null;
}

/** In the unit of its samples. */
export interface Tails {
  /** Samples, and the independent sessions or repetitions that they come from. */
  readonly n: number;
  readonly clusters: number;
  readonly min: number;
  readonly max: number;
  readonly median: Quantile;
  /** `null` under 100 samples: too few lie beyond it. */
  readonly p95: Quantile | null;
  readonly p99: Quantile | null;
}

const minimumForTail = 100;

/** Of samples that come in clusters; a sample on its own is a cluster of one. `null` without samples. */
export function tails(clusters: readonly (readonly number[])[]): Tails | null {
  const ordered = sorted(clusters.flat());
  const min = ordered[0];
  const max = ordered.at(-1);
  if (min === undefined || max === undefined) return null;
  const at = (p: number): Quantile => ({ value: quantile(ordered, p), interval: clusterInterval(clusters, p) });
  const enough = ordered.length >= minimumForTail;
  return {
    n: ordered.length,
    clusters: clusters.length,
    min,
    max,
    median: at(0.5),
    p95: enough ? at(0.95) : null,
    p99: enough ? at(0.99) : null,
  };
}
