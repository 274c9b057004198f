/** The tokenizers as published, without this project around them: the least that counting costs. */
import { createRequire } from "node:module";

/** Tokens of ordinary text: special-token spellings are text like any other. */
export type BareTokenizer = (text: string) => number;

/** Only what is asked for is loaded: each vocabulary holds some hundred thousand tokens. */
export async function bareTokenizer(counter: string): Promise<BareTokenizer> {
  const ordinary = { disallowedSpecial: new Set<string>() };
  switch (counter) {
    case "o200k_base": {
      const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
      return (text) => countTokens(text, ordinary);
    }
    case "cl100k_base": {
      const { countTokens } = await import("gpt-tokenizer/encoding/cl100k_base");
      return (text) => countTokens(text, ordinary);
    }
    case "claude-legacy": {
      const { Tiktoken } = await import("tiktoken/lite");
      const claude = createRequire(import.meta.url)("@anthropic-ai/tokenizer/claude.json");
      const tokenizer = new Tiktoken(claude.bpe_ranks, claude.special_tokens, claude.pat_str);
      return (text) => tokenizer.encode_ordinary(text.normalize("NFKC")).length;
    }
    default:
      throw new TypeError(`There is no bare tokenizer for the counter ${counter}: name one here.`);
  }
}
