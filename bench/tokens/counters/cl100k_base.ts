import type { Counter } from "../../../contract/index.ts";
import { bytePairEncoding } from "./byte-pair-encoding.ts";
import { publishedVocabulary, readVocabulary } from "./vocabulary.ts";

/** OpenAI's vocabulary of 100,000 tokens, as published with tiktoken. Many earlier figures were counted with it. */
export function cl100kBase(): Counter {
  const vocabulary = publishedVocabulary("cl100k_base");
  const { count } = bytePairEncoding(readVocabulary(vocabulary));
  return {
    id: "cl100k_base",
    title: "OpenAI cl100k_base (GPT-4 and GPT-3.5)",
    version: vocabulary.version,
    estimate: true,
    count,
  };
}
