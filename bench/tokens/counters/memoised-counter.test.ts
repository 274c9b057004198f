import { describe, expect, it } from "vitest";
import type { Counter } from "../../../contract/index.ts";
import { memoisedCounter } from "./memoised-counter.ts";

function spy(): { counter: Counter; counted: string[] } {
  const counted: string[] = [];
  const count = (text: string): number => {
    counted.push(text);
    return text.length;
  };
  return { counter: { id: "letters", title: "Letters", version: "1", estimate: true, count }, counted };
}

describe("memoisedCounter", () => {
  it("counts each distinct text once", () => {
    const { counter, counted } = spy();
    const memoised = memoisedCounter(counter, { maxBytes: 10_000 });
    expect(["a", "bb", "a", "", "bb", ""].map(memoised.count)).toEqual([1, 2, 1, 0, 2, 0]);
    expect(counted).toEqual(["a", "bb", ""]);
  });

  it("keeps the id, version and estimate of the counter", () => {
    const { counter } = spy();
    expect(memoisedCounter(counter, { maxBytes: 10_000 })).toMatchObject({ id: "letters", version: "1", estimate: true });
  });

  it("lets the least recently used texts go at its bound", () => {
    const { counter, counted } = spy();
    const memoised = memoisedCounter(counter, { maxBytes: 4_000 });
    const texts = Array.from({ length: 41 }, (_, i) => `${i}`.padEnd(18, "x"));
    texts.forEach(memoised.count);
    memoised.count(texts[40] ?? "");
    expect(counted).toHaveLength(41);
    memoised.count(texts[0] ?? "");
    expect(counted).toHaveLength(42);
  });

  it("counts a text that is too large to hold, every time", () => {
    const { counter, counted } = spy();
    const memoised = memoisedCounter(counter, { maxBytes: 1_000 });
    const text = "x".repeat(500);
    expect([memoised.count(text), memoised.count(text)]).toEqual([500, 500]);
    expect(counted).toHaveLength(2);
  });
});
