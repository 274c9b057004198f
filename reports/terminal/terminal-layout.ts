/** Aligned columns, wrapped text and colours. Everything that comes in is escaped already. */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
}

/** Colours that follow the terminal's own theme, or none. */
export function style(colours: boolean): Style {
  const paint = (open: number, close: number) => (text: string) => (colours ? `\u001b[${open}m${text}\u001b[${close}m` : text);
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39) };
}

/** Between columns. */
const gap = "  ";

/**
 * Rows as lines of at most `width` characters: the first column flush left, the others flush right. A first cell that is
 * too long for its column stands on lines of its own.
 */
export function columns(rows: readonly (readonly string[])[], width: number): string[] {
  const [labels = 0, ...others] = columnWidths(rows);
  const room = width - others.reduce((sum, other) => sum + gap.length + other, 0);
  const first = Math.min(labels, Math.max(room, 0));
  return rows.flatMap(([label = "", ...cells]) => {
    const figures = others.map((other, i) => `${gap}${(cells[i] ?? "").padStart(other)}`).join("");
    if (label.length <= first) return [`${label.padEnd(first)}${figures}`.trimEnd()];
    const indent = " ".repeat(label.length - label.trimStart().length);
    const rest = `${" ".repeat(first)}${figures}`.trimEnd();
    return [...wrapped(label.trimStart(), width, indent), ...(rest === "" ? [] : [rest])];
  });
}

/** Whether every row stands on one line. */
export function columnsFit(rows: readonly (readonly string[])[], width: number): boolean {
  return columnWidths(rows).reduce((sum, other) => sum + gap.length + other, -gap.length) <= width;
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const total = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: total }, (_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length)));
}

/** Text as lines of at most `width` characters, each after `indent`. A longer word is broken. */
export function wrapped(text: string, width: number, indent: string): string[] {
  const room = Math.max(10, width - indent.length);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((part) => part.match(new RegExp(`.{1,${room}}`, "gu")) ?? [])) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(line);
  return lines.map((content) => `${indent}${content}`);
}
