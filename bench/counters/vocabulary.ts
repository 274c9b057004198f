import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import type { Ranks } from "./merge.ts";

/** A vocabulary as tiktoken's npm package and @anthropic-ai/tokenizer store it. */
export interface VocabularyFile {
  /** How text falls into pieces, as a regular expression in Rust's syntax. */
  readonly pat_str: string;
  /** Lines `! <first rank> <token> <token> ...`, each token in base64. */
  readonly bpe_ranks: string;
}

export interface Vocabulary {
  /** Matches one piece at `lastIndex`; sticky. Every character belongs to some piece, so pieces touch. */
  readonly pieces: RegExp;
  readonly ranks: Ranks;
}

/**
 * Rust's `\s` is Unicode White_Space, JavaScript's has U+FEFF and lacks U+0085. The rest of the syntax that these
 * patterns use means the same in both.
 */
const toJavaScript = (pattern: string): string =>
  pattern.replaceAll("\\s", "\\p{White_Space}").replaceAll("\\S", "\\P{White_Space}");

export function readVocabulary(file: VocabularyFile): Vocabulary {
  const ranks = new Map<string, number>();
  for (const line of file.bpe_ranks.split("\n")) {
    const fields = line.split(" ");
    const first = Number(fields[1]);
    for (let i = 2; i < fields.length; i++) ranks.set(atob(fields[i] as string), first + i - 2);
  }
  return { pieces: new RegExp(toJavaScript(file.pat_str), "uy"), ranks };
}

/** `<name> <version>` of the installed package that a vocabulary comes from. */
export function packageVersion(name: string): string {
  const file = findPackageJSON(name, import.meta.url);
  if (file === undefined) throw new TypeError(`The package ${name} is not installed. Run npm ci.`);
  return `${name} ${JSON.parse(readFileSync(file, "utf8")).version}`;
}
