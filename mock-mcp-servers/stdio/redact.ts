/** Takes secrets and terminal codes out of what servers print, so that an error message can be shown and stored. */
import { stripVTControlCharacters } from "node:util";

const replacement = "[redacted]";
/** Shorter values (`1`, `true`, `debug`) are settings, and replacing them would garble ordinary words. */
const minSecretCharacters = 6;
const secretFlag = /key|token|secret|passw|auth|credential|cookie/i;

/** Replaces every secret in a text. */
export type Redactor = (text: string) => string;

/**
 * A redactor for the given values. Values under 6 characters stay; of a value with several lines each line is a secret
 * too. A password inside a URL (`scheme://user:password@host`) is taken out whether it is known or not.
 */
export function redactor(values: Iterable<string>): Redactor {
  const secrets = new Set<string>();
  for (const value of values) for (const part of [value, ...value.split(/\r?\n/)]) secrets.add(part.trim());
  // Longest first, so that a secret which contains another one is removed as a whole.
  const ordered = [...secrets].filter(({ length }) => length >= minSecretCharacters).sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of ordered) clean = clean.replaceAll(secret, replacement);
    return clean.replace(/:\/\/[^\s/@]+@/g, `://${replacement}@`);
  };
}

/** The values that a flag's name marks as secret among command-line arguments: `--api-key=VALUE`, `--api-key VALUE`. */
export function secretArguments(args: readonly string[]): string[] {
  return args.flatMap((argument, i) => {
    const [, flag = "", value] = /^(-{0,2}[\w.-]+)=(.*)$/s.exec(argument) ?? [];
    if (value !== undefined) return secretFlag.test(flag) ? [value] : [];
    const before = args[i - 1] ?? "";
    return before.startsWith("-") && !before.includes("=") && secretFlag.test(before) ? [argument] : [];
  });
}

/** The text without ANSI sequences, control characters and direction overrides; line ends and tabs stay. */
export function printable(text: string): string {
  return stripVTControlCharacters(text.replaceAll("\r\n", "\n")).replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, "");
}
