/**
 * How programs' imports resolve and what source an engine gets, on every JavaScript backend: one rule, one set of
 * messages. TypeScript loses its types and keeps its lines, so frames name the lines that the model wrote.
 */
import { stripTypeScriptTypes } from "node:module";
import { LRUCache } from "lru-cache";
import { filesModule, moduleError, moduleFile, resolveImport, workspaceScheme } from "./module-name.ts";
import { FileFault, type FileStore } from "./workspace.ts";

export { filesModule, resolveImport, workspaceScheme };

const stripped = new LRUCache<string, string>({ maxSize: 8_000_000, sizeCalculation: (js, ts) => js.length + ts.length + 1 });

/**
 * JavaScript of a module of the workspace; `undefined` for text that is not TypeScript, which `moduleSource` then explains.
 */
export function javascriptOf(file: string, source: string): string | undefined {
  const url = workspaceScheme + encodeURI(file);
  try {
    return withMeta(strip(source, url), url);
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

/** `import.meta` has the module's URL on every engine, and nothing else. In the line of what comes first, which keeps its number. */
function withMeta(js: string, url: string): string {
  if (!/\bmeta\b/.test(js)) return js;
  const begin = `for (const name in import.meta) delete import.meta[name]; import.meta.url = ${JSON.stringify(url)};`;
  return js.replace(/^(?:#!.*\n)?/, (start) => `${start}${begin} `);
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
  return withMeta(strip(source, url), url);
}
