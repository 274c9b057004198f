/**
 * How programs' imports resolve and what source an engine gets, on every JavaScript backend: one rule, one set of
 * messages. TypeScript loses its types and keeps its lines, so frames name the lines that the model wrote.
 */
import { stripTypeScriptTypes } from "node:module";
import { LRUCache } from "lru-cache";
import { moduleError, moduleFile } from "./module-name.ts";
import { FileFault, type FileStore } from "./workspace.ts";

export { filesModule, resolveImport, workspaceScheme } from "./module-name.ts";

const stripped = new LRUCache<string, string>({ maxSize: 8_000_000, sizeCalculation: (js, ts) => js.length + ts.length + 1 });

/** JavaScript for TypeScript text; `undefined` for text that is not TypeScript, which `moduleSource` then explains. */
export function javascriptOf(source: string): string | undefined {
  try {
    return strip(source, "");
  } catch {
    return undefined;
  }
}

function strip(source: string, url: string): string {
  const known = stripped.get(source);
  if (known !== undefined) return known;
  let js: string;
  try {
    js = stripTypeScriptTypes(source);
  } catch (cause) {
    const { message, stack = "" } = cause as Error;
    // Node gives the line only in the stack's first line, `<url>:<line>`.
    const line = /^[^\n]*:(\d+)\n/.exec(stack)?.[1];
    throw moduleError("SyntaxError", message, line === undefined ? "" : `${url}:${line}`);
  }
  stripped.set(source, js);
  return js;
}

/** What an engine gets for a workspace module. `program` stands in for a file of its name. */
export function moduleSource(url: string, program: { file: string; source: string }, store: FileStore): string {
  const file = moduleFile(url);
  let source: string;
  try {
    source = file === program.file ? program.source : store.readText(file);
  } catch (cause) {
    if (!(cause instanceof FileFault)) throw cause;
    throw moduleError("Error", `Cannot find module '/workspace/${file}'`, "");
  }
  if (file.endsWith(".json")) return `export default JSON.parse(${JSON.stringify(source)});`;
  return strip(source, url);
}
