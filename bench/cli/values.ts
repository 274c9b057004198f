/** Flag values as numbers. Units are taken and said back, so that nobody has to count zeros. */

import { BenchError } from "../../contract/errors.ts";
import { nearest } from "../run/selection.ts";

/** A whole number of at least `minimum`. */
export function wholeNumber(flag: string, text: string, minimum: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < minimum)
    throw usage(flag, text, `Give a whole number from ${minimum} up, e.g. --${flag} ${Math.max(minimum, 5)}.`);
  return value;
}

/** The one of `ids` that is meant. Throws UNKNOWN_ID for any other. */
export function oneOf<T extends string>(flag: string, text: string, ids: readonly T[]): T {
  const found = ids.find((id) => id === text);
  if (found !== undefined) return found;
  throw new BenchError("UNKNOWN_ID", { kind: flag, id: text, nearest: nearest(text, ids), known: ids.join(", ") });
}

const byteUnits: { readonly [unit: string]: number } = {
  "": 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};
const timeUnits: { readonly [unit: string]: number } = { "": 1, ms: 1, s: 1000, min: 60_000 };

/** Bytes: `64MiB`, `500kB`, or a bare number of bytes. */
export function bytes(flag: string, text: string): number {
  return withUnit(flag, text, byteUnits, "Give bytes, e.g. 64MiB or 500kB.");
}

const leastMemoryBytes = 2 ** 20;

/** As `bytes`, for the memory of a sandbox: with less than 1 MiB an engine fails before its guest does. */
export function memoryBytes(flag: string, text: string): number {
  const value = bytes(flag, text);
  if (value >= leastMemoryBytes) return value;
  throw new BenchError("USAGE", {
    problem: `--${flag} ${text} is less than a sandbox needs for itself.`,
    fix: "Give 1MiB or more; programs that read large results need some 64MiB.",
  });
}

/** Milliseconds: `5s`, `250ms`, `2min`, or a bare number of milliseconds. */
export function milliseconds(flag: string, text: string): number {
  return withUnit(flag, text, timeUnits, "Give a time, e.g. 30s or 500ms.");
}

/** Comma separated values of a flag that may also be repeated. Empty parts are left out. */
export function commaSeparated(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(","))
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function withUnit(flag: string, text: string, units: { readonly [unit: string]: number }, fix: string): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  const value = digits === "" || factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  if (!Number.isSafeInteger(value) || value <= 0) throw usage(flag, text, fix);
  return value;
}

function usage(flag: string, text: string, fix: string): BenchError {
  return new BenchError("USAGE", { problem: `--${flag} ${text}: not understood.`, fix });
}
