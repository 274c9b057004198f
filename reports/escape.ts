/**
 * Everything in a record is untrusted: ids, parameters and messages may hold what a server or a guest sent. Each format
 * says here how such text becomes harmless in it.
 */

// C0 and C1 controls, line and paragraph separators, and the marks that reorder what is shown around them.
const controls = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text for a terminal: one line, and no character that moves the cursor, colours, or reorders. */
export function terminalText(text: string): string {
  return text.replaceAll(/\s*\r?\n\s*/g, " / ").replaceAll(controls, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** Text for Markdown, also within a table: no markup, no HTML, one line. */
export function markdownText(text: string): string {
  return terminalText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_{}[\]#|~!]/g, (character) => `\\${character}`);
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
