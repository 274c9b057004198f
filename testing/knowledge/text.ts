/** Whether a name stands in a text, as a word of its own. */

const wordCharacter = /[A-Za-z0-9_$]/;

/** `name` with no letter, digit, `_` or `$` against either end that is one itself. */
export function standsIn(text: string, name: string): boolean {
  if (name === "") return false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const end = at + name.length;
    const joinedBefore = wordCharacter.test(name[0] ?? "") && wordCharacter.test(text[at - 1] ?? "");
    const joinedAfter = wordCharacter.test(name.at(-1) ?? "") && wordCharacter.test(text[end] ?? "");
    if (!joinedBefore && !joinedAfter) return true;
  }
  return false;
}

/**
 * What stands in double quotes or backticks, whole. The keys of a form of answer (`{"units": <number>}`) do not count:
 * they name what the answer holds, not what the content holds.
 */
export function quotedIn(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, double, back] of text.matchAll(/"([^"\n]*)"(?!\s*:)|`([^`\n]*)`|"[^"\n]*"/g)) {
    const quoted = double ?? back;
    if (quoted !== undefined) found.add(quoted);
  }
  return found;
}

/** An id, a path or an address: no word of prose, so it need not be quoted. */
export function isId(text: string): boolean {
  return !/\s/.test(text) && (/\d/.test(text) || /\w[./@]\w/.test(text));
}

/** More than punctuation and space. */
export function says(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
