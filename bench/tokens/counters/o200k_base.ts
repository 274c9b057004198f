import type { Counter } from "../../../contract/index.ts";
import { bytePairEncoding } from "./byte-pair-encoding.ts";
import { publishedVocabulary, readVocabulary } from "./vocabulary.ts";

/** OpenAI's vocabulary of 200,000 tokens, as published with tiktoken. The default: public, and close in size to current models'. */
export function o200kBase(): Counter {
  const vocabulary = publishedVocabulary("o200k_base");
  const { count } = bytePairEncoding(readVocabulary(vocabulary));
  return {
    id: "o200k_base",
    title: "OpenAI o200k_base (GPT-4o and later)",
    version: vocabulary.version,
    estimate: true,
    count,
  };
}
