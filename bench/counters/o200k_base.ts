import o200k from "tiktoken/encoders/o200k_base.json" with { type: "json" };
import type { Counter } from "../types/index.ts";
import { bytePairEncoding } from "./byte-pair-encoding.ts";
import { packageVersion, readVocabulary } from "./vocabulary.ts";

/** OpenAI's vocabulary of 200,000 tokens, as published with tiktoken. The default: public, and close in size to current models'. */
export function o200kBase(): Counter {
  const { count } = bytePairEncoding(readVocabulary(o200k));
  return {
    id: "o200k_base",
    title: "OpenAI o200k_base (GPT-4o and later)",
    version: packageVersion("tiktoken"),
    estimate: true,
    count,
  };
}
