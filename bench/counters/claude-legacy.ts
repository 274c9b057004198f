import claude from "@anthropic-ai/tokenizer/claude.json" with { type: "json" };
import type { Counter } from "../types/index.ts";
import { bytePairEncoding } from "./byte-pair-encoding.ts";
import { packageVersion, readVocabulary } from "./vocabulary.ts";

/**
 * The only tokenizer that Anthropic published. It fits models before Claude 3, so for later ones it is an estimate too.
 * Its package normalises text to NFKC first; unlike the package, special-token spellings are ordinary text here.
 */
export function claudeLegacy(): Counter {
  const { count } = bytePairEncoding(readVocabulary(claude));
  return {
    id: "claude-legacy",
    title: "Anthropic's public tokenizer (models before Claude 3)",
    version: packageVersion("@anthropic-ai/tokenizer"),
    estimate: true,
    count: (text) => count(text.normalize("NFKC")),
  };
}
