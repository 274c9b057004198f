/** What text from a server or a guest must not become in a report, format by format. */
import { expect } from "vitest";

/** One text of everything that some reader of some format would act on. */
export const hostileText = [
  "\u001b[31mred\u001b]0;title\u0007\u009b2J\u0085\r\nnext\u202eabc\u2028\u061c\u200f\u2066\ufeff\u007fdef",
  "<script>alert(1)</script><img src=x onerror=alert(1)>",
  "![pixel](https://evil.example/a.png) [link](javascript:alert(1)) <https://evil.example> https://evil.example/b www.evil.example",
  "@everyone a|b `tick` ``` ]]> --> &lt; </text></svg> \" onload='x'",
].join(" ");

/** Each starts as a spreadsheet's formula does. Source: https://owasp.org/www-community/attacks/CSV_Injection. */
export const formulaTexts = ["=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "=1\u001b[0m"];

/** Fails if `text`, a report in `format`, holds anything that its reader would act on. */
export function expectHarmless(format: string, text: string): void {
  // Colours are the report's own; it is asked for without them here.
  expectNone("a control character", text.replaceAll("\n", " "), /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu);
  const check = Object.hasOwn(checks, format) ? checks[format] : undefined;
  if (check === undefined) throw new Error(`Say in testing/harmless.ts what hostile text must not become in ${format}.`);
  check(text);
}

const checks: { readonly [format: string]: (text: string) => void } = {
  terminal: () => undefined,
  markdown(text) {
    const shown = withoutCode(text);
    expectNone("HTML", shown, /<[A-Za-z!/?]/g);
    expectNone("a link or an image", shown, /(?<!\\)\]\(|(?<!\\)\]:|(?<!\\)!\[/g);
    expectNone("a bare link", shown, /\b(?:https?|ftp):\/\/|\bwww\./gi);
    expectNone("a mention", shown, /@(?!&#8203;)\w/g);
  },
  svg(text) {
    const tags = text.match(/<[^>]*>/g) ?? [];
    for (const tag of tags) {
      expect(tag).toMatch(/^<(?:\/(?:svg|text)>|(?:svg|rect|text|line|path)\s)/);
      expectNone("an event handler or a link", tag, /\s(?:on\w+|href|xlink:\w+)\s*=/gi);
    }
    expect(tags.at(-1)).toBe("</svg>");
    expect(tags.filter((tag) => tag === "</svg>")).toHaveLength(1);
  },
  csv(text) {
    for (const cell of cellsOf(text)) expect(cell).not.toMatch(/^\s*[=+@\uff1d\uff0b\uff20]|^\s*-(?!\d+(?:\.\d+)?$)/);
  },
  json(text) {
    JSON.parse(text);
  },
};

function expectNone(what: string, text: string, pattern: RegExp): void {
  const found = [...text.matchAll(pattern)].map(({ index }) => text.slice(Math.max(0, index - 20), index + 40));
  expect(found.slice(0, 3), what).toEqual([]);
}

/** Markdown's text without code spans and fences, in which nothing is active. */
function withoutCode(text: string): string {
  return text.replaceAll(/(?<![\\`])(`+)(?!`)(.*?)(?<!`)\1(?!`)/gs, "");
}

/** The cells of a CSV text, unquoted (RFC 4180). */
function cellsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|,|\n)(?:"((?:[^"]|"")*)"|([^",\n]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
  );
}
