/** Finds code beside this folder both in the sources (`.ts`) and in a compiled `dist` (`.js`). */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** URL of a file of `sandboxes/`, named without its extension, e.g. `guest/prelude`. */
export const codeUrl = (name: string) => new URL(`./${name}.${extension}`, import.meta.url);

/** The compiler adds this to a file without imports and exports. An engine that takes scripts refuses it. */
const moduleMark = /^export \{\};\n/m;

/** JavaScript of a guest file. */
export function guestSource(name: string): string {
  const source = readFileSync(codeUrl(`guest/${name}`), "utf8");
  return extension === "ts" ? stripTypeScriptTypes(source) : source.replace(moduleMark, "");
}
