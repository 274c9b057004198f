import cl100k from "tiktoken/encoders/cl100k_base.json" with { type: "json" };
import type { Counter } from "../types/index.ts";
import { bytePairEncoding } from "./byte-pair-encoding.ts";
import { packageVersion, readVocabulary } from "./vocabulary.ts";

/** OpenAI's vocabulary of 100,000 tokens, as published with tiktoken. Many earlier figures were counted with it. */
export function cl100kBase(): Counter {
  const { count } = bytePairEncoding(readVocabulary(cl100k));
  return {
    id: "cl100k_base",
    title: "OpenAI cl100k_base (GPT-4 and GPT-3.5)",
    version: packageVersion("tiktoken"),
    estimate: true,
    count,
  };
}
