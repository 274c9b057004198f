/** What stands after a flag, read. Each error names the flag and says what to give. */
import { BenchError } from "../errors.ts";
import { nearest } from "./selection.ts";
import { parseQuantity, type UnitName, unitFix } from "./units.ts";

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

/** Bytes, one at least: `64MiB`, `500kB`, or a bare number of bytes. */
export const bytes = (flag: string, text: string): number => quantity(flag, text, "bytes");

/** Milliseconds, one at least: `5s`, `250ms`, `2min`, or a bare number of milliseconds. */
export const milliseconds = (flag: string, text: string): number => quantity(flag, text, "time");

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

/** Comma separated values of a flag that may also be repeated. Empty parts are left out. */
export function commaSeparated(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(","))
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function quantity(flag: string, text: string, unit: UnitName): number {
  const value = Math.round(parseQuantity(text, unit) ?? Number.NaN);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw usage(flag, text, unitFix(unit));
}

function usage(flag: string, text: string, fix: string): BenchError {
  return new BenchError("USAGE", { problem: `--${flag} ${text}: not understood.`, fix });
}
