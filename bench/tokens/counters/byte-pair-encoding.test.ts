import claude from "@anthropic-ai/tokenizer/claude.json" with { type: "json" };
import { encode as otherCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as otherO200k } from "gpt-tokenizer/encoding/o200k_base";
import cl100k from "tiktoken/encoders/cl100k_base.json" with { type: "json" };
import o200k from "tiktoken/encoders/o200k_base.json" with { type: "json" };
import { Tiktoken } from "tiktoken/lite";
import { afterAll, describe, expect, it } from "vitest";
import { type Random, random } from "../../../fixtures/random.ts";
import { bytePairEncoding } from "./byte-pair-encoding.ts";
import { readVocabulary, type VocabularyFile } from "./vocabulary.ts";

const files: readonly (readonly [id: string, file: VocabularyFile])[] = [
  ["o200k_base", o200k],
  ["cl100k_base", cl100k],
  ["claude-legacy", claude],
];

const texts: { readonly [what: string]: string } = {
  nothing: "",
  English:
    "We don't think it's over: they'll RE-READ 'em, and I'D say so. The year 2025 cost 1,234,567.89 USD!\n\nYours,\n\tAnn  ",
  JSON: JSON.stringify({ id: "a1", tags: ["x", "y z"], nested: { "k\n": 'q"uo\\te', n: -1.5e-7, t: true, none: null } }, null, 2),
  code: "export async function* f<T>(xs: T[]): AsyncGenerator<T> {\r\n\tfor (const x of xs) { yield x; } // ...\n}\n\n\n=> !== ??= />\n/**/\n",
  "whitespace runs": " a  b   c\t\td\n\n\ne \n \n  f\r\n\r\n   \u00a0\u2003\u0085g\n   ",
  "other scripts": "今天天气很好。Привет, мир! السلام عليكم ١٢٣ नमस्ते สวัสดี 안녕하세요 ǅ ʰ ſ K 'ſ ﬁ Ⅷ ½",
  "emoji with joiners": "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪🇫🇷 1️⃣ ☕︎",
  "combining marks": "e\u0301 a\u0308\u0323 Z\u0351\u036b\u0343 \u0301\u0301 क्षि",
  "lone surrogates": "a\ud83d b\ude00c \ud83d\ud83d\ude00 \udfff",
  "byte order mark and odd spaces": "\ufeffa \ufeff\ufeff b\u200b\u2028\u2029\u3000c",
  "special tokens": "<|endoftext|> a<|fim_prefix|>b <EOT><META>\n\nHuman: <|im_start|>",
  "base64 and hex":
    Buffer.from(Array.from({ length: 600 }, (_, i) => (i * 7919) % 256)).toString("base64") + "0badc0de".repeat(60),
};

const alphabets = [
  "abcdefghijklmnopqrstuvwxyz ",
  "aB'sSdDtTlLvVeErRmM \n",
  "01239 ,.-:/%$\n",
  ' \t\n\r\u0085\u00a0\u3000\ufeffa1=/"',
  "=-*/\\#{}[]()<>|&\n\r/ a",
  "éüßñøſK\u0301\u0323e aſ'",
  "日本語中文한국어、。 a1\n",
  "\ud83d\ude00\u200d\ufe0f\ud83d\udc69 \udbffa",
];

const strings = (draws: Random, count: number): string[] =>
  Array.from({ length: count }, () =>
    Array.from({ length: draws.integer(1, 4) }, () => draws.text(draws.integer(1, 40), draws.pick(alphabets))).join(""),
  );

/** Runs without a break, as long as tiktoken can still count them. */
const runs: { readonly [what: string]: string } = {
  "one letter": "a".repeat(20_000),
  capitals: "A".repeat(5_000),
  "two letters": "ab".repeat(5_000),
  spaces: `${" ".repeat(5_000)}x`,
  "line feeds": "\n".repeat(5_000),
  "equals signs": "=".repeat(5_000),
  digits: "7".repeat(5_000),
  emoji: "😀".repeat(1_500),
  Chinese: "中".repeat(1_500),
  marks: "\u0301".repeat(1_500),
  "words run together": "thequickbrownfoxjumpsoverthelazydog".repeat(150),
  "random letters": random(1, "letters").text(6_000, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
  "random symbols": random(1, "symbols").text(6_000, "=-*/\\#{}[]()<>|&!?;:,.^~`@"),
};

describe.each(files)("%s", (_id, file) => {
  const vocabulary = readVocabulary(file);
  const encoding = bytePairEncoding(vocabulary);
  const tiktoken = new Tiktoken(file.bpe_ranks, {}, file.pat_str);
  afterAll(() => tiktoken.free());

  it.each(Object.entries({ ...texts, ...runs }))("gives tiktoken's ids for %s", (_what, text) => {
    const expected = Array.from(tiktoken.encode_ordinary(text));
    expect(encoding.encode(text)).toEqual(expected);
    expect(encoding.count(text)).toBe(expected.length);
  });

  it("gives tiktoken's ids for random strings", () => {
    for (const text of strings(random(1, "fuzz"), 2_000)) {
      const expected = Array.from(tiktoken.encode_ordinary(text));
      expect(encoding.encode(text), JSON.stringify(text)).toEqual(expected);
      expect(encoding.count(text), JSON.stringify(text)).toBe(expected.length);
    }
  });

  it("counts a text the same whether or not it is cut into parts", () => {
    const inParts = bytePairEncoding(vocabulary, 64);
    for (const text of strings(random(2, "parts"), 500)) {
      const spaced = Array.from(text.matchAll(/[\s\S]{1,20}/gu), ([piece]) => `${piece}x `).join("");
      expect(inParts.encode(spaced), JSON.stringify(spaced)).toEqual(encoding.encode(spaced));
      expect(inParts.count(spaced)).toBe(encoding.count(spaced));
    }
  });
});

describe("a second library with vocabularies of its own agrees", () => {
  it.each([
    ["o200k_base", o200k, otherO200k],
    ["cl100k_base", cl100k, otherCl100k],
  ] as const)("%s", (_id, file, encode) => {
    const encoding = bytePairEncoding(readVocabulary(file));
    // JavaScript's \s differs from Unicode's White_Space in U+FEFF and U+0085, and that library uses it.
    for (const text of [...Object.values(texts), ...strings(random(3, "other"), 1_000)]) {
      if (/[\ufeff\u0085ſ]|\s$/u.test(text)) continue;
      expect(encoding.encode(text), JSON.stringify(text)).toEqual(encode(text, { disallowedSpecial: new Set() }));
    }
  });
});

describe("megabytes without a break", () => {
  const encoding = bytePairEncoding(readVocabulary(o200k));

  // o200k_base has the longest tokens named here, so the count of a whole multiple is known.
  it.each([
    ["a", 8, 1_000_000],
    ["=", 64, 1_024_000],
    [" ", 128, 1_024_000],
    ["\n", 16, 1_024_000],
    ["a", 8, 5_000_000],
  ])("%j counts a token for every %i of %i", (unit, unitsPerToken, units) => {
    expect(encoding.count(unit.repeat(units))).toBe(units / unitsPerToken);
  });

  it.each([
    ["😀", 1_250_000],
    ["中", 4_500_000],
    ["\u0301", 4_500_000],
    ["ab", 2_500_000],
    [" \n", 500_000],
  ])("%j %i times counts about its share of a shorter run", (unit, times) => {
    const share = (encoding.count(unit.repeat(3_000)) / 3_000) * times;
    const tokens = encoding.count(unit.repeat(times));
    expect(Math.abs(tokens - share) / share).toBeLessThan(0.001);
  });
});
