import type { Counter } from "../../../contract/index.ts";
import { bytePairEncoding } from "./byte-pair-encoding.ts";
import { publishedVocabulary, readVocabulary } from "./vocabulary.ts";

/**
 * The only tokenizer that Anthropic published. It fits models before Claude 3, so for later ones it is an estimate too.
 * Its package normalises text to NFKC first; unlike the package, special-token spellings are ordinary text here.
 */
export function claudeLegacy(): Counter {
  const vocabulary = publishedVocabulary("claude-legacy");
  const { count } = bytePairEncoding(readVocabulary(vocabulary));
  return {
    id: "claude-legacy",
    title: "Anthropic's public tokenizer (models before Claude 3)",
    version: vocabulary.version,
    estimate: true,
    count: (text) => count(text.normalize("NFKC")),
  };
}
