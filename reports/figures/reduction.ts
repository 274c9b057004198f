/** The figure that everything is about: 1 - compared/baseline of each pair, over seeds. */

import { reduction } from "./pairs.ts";
import { type Spread, spread } from "./statistics/quantile.ts";

/** Over seeds. */
export interface Reduction extends Spread {
  /** Every pair fits the model's window. `false` must be visible wherever the reduction is shown. */
  readonly fits: boolean;
  /**
   * Whether the headline figure of this subject, way and measure keeps its sign under every choice that was tried; `null`:
   * no choice was tried on this measure. `false` must be visible wherever the reduction is shown.
   */
  readonly robust: boolean | null;
}

/** `null` where there is no pair, or the baseline is 0 in every pair. */
export function reductionOver<T>(
  pairs: readonly { readonly baseline: T; readonly compared: T }[],
  value: (side: T) => number,
): Spread | null {
  const found = pairs.map(({ baseline, compared }) => reduction(value(baseline), value(compared))).filter((one) => one !== null);
  return spread(found) ?? null;
}
