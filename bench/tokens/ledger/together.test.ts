import { describe, expect, test } from "vitest";
import type { Restatement, TokenItem } from "../../../contract/index.ts";
import { ledgerOf } from "../../../testing/records.ts";
import { itemsTogether, ledgersTogether, restatementsTogether } from "./together.ts";

/** Peak contexts of 300 and 500; of each, twice the input is billed. */
const small = ledgerOf({ prompt: 100, toolResults: 200 }, { answer: 10 });
const large = ledgerOf({ prompt: 100, discovery: 400 }, { answer: 20 }, { exceedsWindowAt: 2 });

describe("several conversations", () => {
  test("are billed together, and their peak is that of the largest", () => {
    const [both] = ledgersTogether([[small], [large]]);
    expect(both?.totals).toMatchObject({ peakContext: large.totals.peakContext, billedInput: 1600, billedOutput: 30 });
    expect(both?.table.peakContext).toEqual(large.table.peakContext);
    expect(both?.table.billedInput).toEqual({ prompt: 400, toolResults: 400, discovery: 800 });
    expect(both?.exceedsWindowAt).toBe(2);
  });

  test("have items that add up to the ledger", () => {
    const item = (cause: TokenItem["cause"], peakContext: number): TokenItem => {
      return { cause, name: "", peakContext, billedInput: 2 * peakContext, billedOutput: 0 };
    };
    const items = itemsTogether(
      [
        [item("prompt", 100), item("toolResults", 200)],
        [item("prompt", 100), item("discovery", 400)],
      ],
      [small, large],
    );
    expect(items).toEqual([
      { ...item("prompt", 100), billedInput: 400 },
      { ...item("toolResults", 0), billedInput: 400 },
      item("discovery", 400),
    ]);
  });

  test("cost what they cost together", () => {
    const restated = (uncachedUsd: number): Restatement => {
      return { ...small, id: "x", cost: { uncachedUsd, coldUsd: 1, warmUsd: 0.5 } };
    };
    expect(restatementsTogether([[restated(2)], [restated(3)]])).toMatchObject([
      { id: "x", cost: { uncachedUsd: 5, coldUsd: 2, warmUsd: 1 } },
    ]);
  });
});

test("a conversation alone is as it is", () => {
  expect(ledgersTogether([[small, large]])).toEqual([small, large]);
});
