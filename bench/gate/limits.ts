/** Limits as people write them: `40 k`, `1.5 M`, `200 ms`, `100%`, or an exact number. */

export type LimitUnit = "tokens" | "ms" | "percent";

const factors: { readonly [U in LimitUnit]: { readonly [suffix: string]: number } } = {
  tokens: { "": 1, k: 1000, m: 1_000_000 },
  ms: { "": 1, ms: 1, s: 1000, min: 60_000 },
  percent: { "%": 1 },
};

const fixes: { readonly [U in LimitUnit]: string } = {
  tokens: 'Give whole tokens: "40 k", "1.5 M" or an exact number such as 41250.',
  ms: 'Give a time: "200 ms" or "2 s".',
  percent: 'Give per cent from 0 to 100: "0%" or "100%".',
};

/** In the unit itself: tokens, milliseconds, per cent. An object says how to mend a text that is none. */
export function parseLimit(limit: number | string, unit: LimitUnit): number | { readonly fix: string } {
  const [, digits = "", suffix = ""] = /^\s*(\d[\d,]*(?:\.\d+)?)\s*([a-z%]*)\s*$/i.exec(String(limit)) ?? [];
  const factor = Object.hasOwn(factors[unit], suffix.toLowerCase()) ? factors[unit][suffix.toLowerCase()] : undefined;
  if (digits === "" || factor === undefined || !wellGrouped(digits)) return { fix: fixes[unit] };
  // A product such as 1.1 x 1000 is off by less than this.
  const value = Number((Number(digits.replaceAll(",", "")) * factor).toFixed(6));
  const whole = unit !== "tokens" || Number.isSafeInteger(value);
  return whole && (unit !== "percent" || value <= 100) ? value : { fix: fixes[unit] };
}

/** Commas only where they part thousands: `1,5` is no number here. */
function wellGrouped(digits: string): boolean {
  return !digits.includes(",") || /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(digits);
}
