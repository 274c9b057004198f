/**
 * Everything in a record is untrusted: ids, parameters and messages may hold what a server or a guest sent. Each format
 * says here how such text becomes harmless in it.
 */

// C0 and C1 controls, line and paragraph separators, the marks that reorder what is shown around them, and the mark that is
// not shown at all.
const controls = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu;

/** Text for a terminal: one line, and no character that moves the cursor, colours, or reorders. */
export function terminalText(text: string): string {
  return text.replaceAll(/\s*\r?\n\s*/g, " / ").replaceAll(controls, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/**
 * Text for Markdown, also within a table: no markup, no HTML, one line. Addresses and names stay as they look, but are
 * neither linked nor mentioned: GitHub's Markdown does both with plain text.
 */
export function markdownText(text: string): string {
  return terminalText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_{}[\]#|~!]/g, (character) => `\\${character}`)
    .replaceAll("://", ":&#47;/")
    .replaceAll(/\bwww\./gi, (start) => `${start.slice(0, -1)}&#46;`)
    .replaceAll("@", "@&#8203;");
}

/** Markdown code span, for longer text: shown as it is, without links or mentions; also within a table. */
export function markdownCode(text: string): string {
  const line = terminalText(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const padding = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}`;
}

/** Text for SVG and HTML, in content and in attributes. */
export function svgText(text: string): string {
  return terminalText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** JSON with every character escaped that a terminal would act on: JSON itself escapes only some. */
export function jsonText(json: string): string {
  return json.replaceAll(controls, (character) =>
    // Line ends of the layout; within strings JSON has escaped its own.
    character === "\n" ? character : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
