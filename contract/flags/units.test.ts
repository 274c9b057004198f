import { describe, expect, test } from "vitest";
import { parseQuantity, unitFix } from "./units.ts";

describe("a quantity", () => {
  test.each([
    ["40 k", "tokens", 40_000],
    ["40k", "tokens", 40_000],
    ["1.5 M", "tokens", 1_500_000],
    ["1.1 k", "tokens", 1100],
    ["41,250", "tokens", 41_250],
    ["0", "tokens", 0],
    ["200 ms", "time", 200],
    ["64MiB", "bytes", 2 ** 26],
    ["500 kB", "bytes", 500_000],
    ["2min", "time", 120_000],
    ["2 s", "time", 2000],
    ["0%", "percent", 0],
    ["99.5 %", "percent", 99.5],
  ] as const)("%j of %s is %d", (text, unit, value) => {
    expect(parseQuantity(text, unit)).toBe(value);
  });

  test.each([
    ["1.2345 k", "tokens"],
    ["-5", "tokens"],
    ["1.5", "tokens"],
    ["1,5 k", "tokens"],
    ["40 kb", "tokens"],
    ["", "tokens"],
    ["1e3", "tokens"],
    ["200 ms", "tokens"],
    ["5", "percent"],
    ["101%", "percent"],
    ["2 h", "time"],
    ["64furlongs", "bytes"],
    ["constructor", "tokens"],
  ] as const)("%j of %s is not understood, and there is a fix", (text, unit) => {
    expect(parseQuantity(text, unit)).toBeUndefined();
    expect(unitFix(unit)).toMatch(/^Give /);
  });
});
