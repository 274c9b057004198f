import { expect, test } from "vitest";
import { medianInterval } from "./bootstrap.ts";
import { quantile, sorted, spread } from "./quantile.ts";
import { times } from "./times.ts";

test("quantiles interpolate as R's and NumPy's default does", () => {
  const samples = sorted([4, 1, 3, 2]);
  expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile(samples, p))).toEqual([1, 1.75, 2.5, 3.7, 4]);
});

test("a quantile of nothing is an error", () => {
  expect(() => quantile(sorted([]), 0.5)).toThrow(RangeError);
});

test("the middle of an even number of values is the mean of the middle two", () => {
  expect(spread([10, 40, 20, 31])).toEqual({ median: 25.5, min: 10, max: 40 });
  expect(spread([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
  expect(spread([])).toBeUndefined();
});

test("the interval is the same every time and holds the median", () => {
  const samples = [5, 1, 9, 3, 7, 4, 6, 2, 8, 10];
  const interval = medianInterval(samples);
  expect(interval).toEqual(medianInterval(samples.toReversed()));
  expect(interval?.low).toBeGreaterThan(1);
  expect(interval?.low).toBeLessThan(5.5);
  expect(interval?.high).toBeGreaterThan(5.5);
  expect(interval?.high).toBeLessThan(10);
});

test("there is no interval under 6 samples and no p99 under 100", () => {
  expect(times([1, 2, 3, 4, 5])).toEqual({ n: 5, median: 3, min: 1, max: 5, interval: null, p99: null });
  expect(times(Array.from({ length: 99 }, (_, i) => i))?.p99).toBeNull();
  expect(times(Array.from({ length: 100 }, (_, i) => i))?.p99).toBeCloseTo(98.01);
  expect(times([])).toBeNull();
});
