import { LRUCache } from "lru-cache";
import type { Counter } from "../../../contract/index.ts";

/**
 * The same counter, tokenising each distinct text once while it stays in the cache. The cells of a run share most of
 * their blocks (definitions, system, prompts), and every ledger of a cell counts the same ones.
 *
 * @param maxBytes bound on the texts held, at two bytes a UTF-16 unit; the least recently used go first, and a text
 *   larger than an eighth of it is counted but not held
 */
export function memoisedCounter(counter: Counter, { maxBytes }: { readonly maxBytes: number }): Counter {
  const overheadBytes = 64;
  const cache = new LRUCache<string, number>({
    maxSize: maxBytes,
    maxEntrySize: Math.ceil(maxBytes / 8),
    sizeCalculation: (_tokens, text) => 2 * text.length + overheadBytes,
  });
  return {
    ...counter,
    count(text) {
      const known = cache.get(text);
      if (known !== undefined) return known;
      const tokens = counter.count(text);
      cache.set(text, tokens);
      return tokens;
    },
  };
}
