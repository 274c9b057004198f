/** JSON that people edit: budget files and lockfiles. */
import { BenchError } from "../../../contract/errors.ts";

/** A string, with the colon that makes it a key; or where an object or list begins or ends. Nothing else of valid JSON matters here. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\]]/g;

/**
 * Parses a whole file. Skips a byte order mark, which some editors write. Refuses a key that stands twice in one object:
 * readers differ in which of the two counts (RFC 8259, section 4).
 *
 * Throws GATE_FILE. @param file its name, for messages
 */
export function parseJsonFile(text: string, file: string, fix: string): unknown {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch (cause) {
    throw new BenchError("GATE_FILE", { file, problem: "not valid JSON", fix }, { cause });
  }
  const repeated = repeatedKey(source);
  if (repeated === undefined) return json;
  const { key, line } = repeated;
  const problem = `line ${line}: ${JSON.stringify(key)} stands twice in one object`;
  throw new BenchError("GATE_FILE", { file, problem, fix: "Leave one of the two." });
}

/** The first one, decoded: `"\u0061"` is `"a"`. @param json valid JSON */
function repeatedKey(json: string): { readonly key: string; readonly line: number } | undefined {
  /** Keys so far of every object that is open; a list has none. */
  const open: Set<string>[] = [];
  for (const { 0: token, 1: colon, index } of json.matchAll(tokens)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (colon !== undefined) {
      const key: string = JSON.parse(token.slice(0, -colon.length));
      const keys = open.at(-1);
      if (keys?.has(key)) return { key, line: json.slice(0, index).split("\n").length };
      keys?.add(key);
    }
  }
  return undefined;
}
