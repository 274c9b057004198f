/** The published vocabularies that the counters count with. */
import { existsSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { fileURLToPath } from "node:url";
import type { Ranks } from "./merge.ts";

/** A vocabulary as tiktoken's npm package and @anthropic-ai/tokenizer store it. */
export interface VocabularyFile {
  /** How text falls into pieces, as a regular expression in Rust's syntax. */
  readonly pat_str: string;
  /** Lines `! <first rank> <token> <token> ...`, each token in base64. */
  readonly bpe_ranks: string;
}

export interface PublishedVocabulary extends VocabularyFile {
  /** `<name> <version>` of the package that it comes from. */
  readonly version: string;
}

export interface Vocabulary {
  /** Matches one piece at `lastIndex`; sticky. Every character belongs to some piece, so pieces touch. */
  readonly pieces: RegExp;
  readonly ranks: Ranks;
}

/** The packages that publish them. Only their vocabularies are used. */
const published = {
  o200k_base: { name: "tiktoken", file: "tiktoken/encoders/o200k_base.json" },
  cl100k_base: { name: "tiktoken", file: "tiktoken/encoders/cl100k_base.json" },
  "claude-legacy": { name: "@anthropic-ai/tokenizer", file: "@anthropic-ai/tokenizer/claude.json" },
} as const;

export type VocabularyId = keyof typeof published;
export const vocabularyIds = Object.keys(published) as VocabularyId[];

/** Name of a vocabulary's file in the folder beside this one, which the published package has. */
export const shippedFile = (id: VocabularyId): string => `vocabularies/${id}.json`;

/** From the folder beside this file or, in the sources, from the package that publishes it. */
export function publishedVocabulary(id: VocabularyId): PublishedVocabulary {
  const shipped = fileURLToPath(new URL(shippedFile(id), import.meta.url));
  return existsSync(shipped) ? JSON.parse(readFileSync(shipped, "utf8")) : fromPackage(id);
}

function fromPackage(id: VocabularyId): PublishedVocabulary {
  const { name, file } = published[id];
  const about = findPackageJSON(name, import.meta.url);
  if (about === undefined) throw new TypeError(`The package ${name} is not installed. Run npm ci.`);
  const { pat_str, bpe_ranks } = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(file)), "utf8"));
  return { version: `${name} ${JSON.parse(readFileSync(about, "utf8")).version}`, pat_str, bpe_ranks };
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
