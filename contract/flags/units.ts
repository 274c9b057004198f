/** Quantities as people write them: `64MiB`, `30s`, `40 k`, `99.5%`. The one parser of units, for flags and budget files. */

interface Unit {
  /** By suffix, in lower case; the empty one is for a bare number. */
  readonly factors: { readonly [suffix: string]: number };
  /** What to write instead of a text that is not understood. */
  readonly fix: string;
}

const units = {
  bytes: {
    factors: { "": 1, b: 1, kb: 1000, mb: 1000 ** 2, gb: 1000 ** 3, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 },
    fix: "Give bytes, e.g. 64MiB or 500kB.",
  },
  time: { factors: { "": 1, ms: 1, s: 1000, min: 60_000 }, fix: "Give a time, e.g. 30s or 500ms." },
  tokens: { factors: { "": 1, k: 1000, m: 1_000_000 }, fix: "Give whole tokens, e.g. 40 k, 1.5 M or 41250." },
  percent: { factors: { "%": 1 }, fix: "Give per cent from 0 to 100, e.g. 0% or 99.5%." },
} as const satisfies { readonly [name: string]: Unit };

export type UnitName = keyof typeof units;

/** In bytes, milliseconds, tokens or per cent, zero included; `undefined`: not understood, and `unitFix` says what would be. */
export function parseQuantity(text: string, name: UnitName): number | undefined {
  const { factors }: Unit = units[name];
  const [, digits = "", suffix = ""] = /^\s*(\d[\d,]*(?:\.\d+)?)\s*([a-z%]*)\s*$/i.exec(text) ?? [];
  const factor = Object.hasOwn(factors, suffix.toLowerCase()) ? factors[suffix.toLowerCase()] : undefined;
  if (digits === "" || factor === undefined || !wellGrouped(digits)) return undefined;
  // A product such as 1.1 x 1000 is off by less than this.
  const value = Number((Number(digits.replaceAll(",", "")) * factor).toFixed(6));
  const isRight = { bytes: true, time: true, tokens: Number.isSafeInteger(value), percent: value <= 100 }[name];
  return isRight ? value : undefined;
}

/** What to give instead, as a sentence. */
export const unitFix = (name: UnitName): string => units[name].fix;

/** Commas only where they part thousands: `1,5` is not a number here. */
function wellGrouped(digits: string): boolean {
  return !digits.includes(",") || /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(digits);
}
