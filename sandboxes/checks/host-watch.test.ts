import { expect, test } from "vitest";
import { watchHost } from "./host-watch.ts";

test("the longest time without a turn is seen, also one that ends with the watch", async () => {
  let clockMs = 0;
  const end = watchHost(() => clockMs);
  clockMs += 1_000;
  await new Promise((resolve) => setTimeout(resolve, 50));
  clockMs += 400;
  expect((await end()).stallMs).toBe(995);
  const late = watchHost(() => clockMs);
  clockMs += 2_000;
  expect((await late()).stallMs).toBe(1_995);
});

test("growth is the peak beyond what there was, and is over with the watch", async () => {
  const end = watchHost(() => 0);
  const grown = new Uint8Array(2 ** 27).fill(1);
  // Gives the memory back at once.
  expect(grown.buffer.transfer(0).byteLength).toBe(0);
  const { growthBytes } = await end();
  // Nothing counts the peak on other systems.
  if (process.platform !== "linux") return expect(growthBytes).toBeNull();
  expect(growthBytes).toBeGreaterThan(2 ** 26);
});
