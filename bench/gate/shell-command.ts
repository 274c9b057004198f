/** `mcp-code-bench gate results/a --update`: for messages, to be copied. */
export function shellCommand(words: readonly string[]): string {
  return ["mcp-code-bench", ...words].map(shellWord).join(" ");
}

/** A word of a command line, quoted where a POSIX shell needs it. */
function shellWord(word: string): string {
  return /^[\w./:@=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
