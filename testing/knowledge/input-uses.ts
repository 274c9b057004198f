/** Everything that a tool use of a direct script has to know: the tool, and each key and leaf of its input. */
import type { Json } from "../../contract/index.ts";
import { isJsonObject } from "./json.ts";
import { says } from "./text.ts";
import type { Use } from "./use.ts";

export function inputUses(tool: string, input: Json): readonly Use[] {
  const uses: Use[] = [{ kind: "tool", name: tool, at: "" }];
  visit(input, "input");
  return uses;

  function visit(value: Json, at: string): void {
    if (typeof value === "string" && says(value)) uses.push({ kind: "inputText", name: value, at, of: tool });
    if (typeof value === "number" && !free.has(value)) uses.push({ kind: "number", name: String(value), at, of: tool });
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, `${at}[${index}]`);
    if (!isJsonObject(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      uses.push({ kind: "inputKey", name: key, at: `${at}.${key}`, of: tool });
      visit(inner, `${at}.${key}`);
    }
  }
}

/** None, one, a pair, and round sizes of a page: an agent's own choice. */
const free = new Set([0, 1, 2, 10, 100]);
