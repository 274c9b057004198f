/** Words, single digits and signs: coarse, and the same in every language's tokenizer-free tooling. */
import type { Counter } from "mcp-code-bench";

export const words: Counter = {
  id: "words",
  title: "Words, digits and signs",
  version: "1",
  estimate: true,
  count: (text) => text.match(/\p{L}+|\p{N}|[^\p{L}\p{N}\s]/gu)?.length ?? 0,
};
