/**
 * How programs' imports resolve and what source an engine gets, on every JavaScript backend: one rule, one set of
 * messages. TypeScript loses its types and keeps its lines, so frames name the lines that the model wrote.
 */
import { stripTypeScriptTypes } from "node:module";
import { LRUCache } from "lru-cache";
import { FileFault, type FileStore, relativePath } from "./workspace.ts";

export const filesModule = "node:fs/promises";
export const workspaceScheme = "workspace:/";

/** Why a module cannot be had. `stack` holds the place alone: no host path may reach the guest. */
function moduleError(name: "Error" | "SyntaxError", message: string, place: string): Error {
  const error = new Error(message);
  error.name = name;
  error.stack = place === "" ? "" : `${name}: ${message}\n    at ${place}`;
  return error;
}

/** The path below `/workspace` of a module's URL. */
const moduleFile = (url: string) => decodeURI(url.slice(workspaceScheme.length));

/** The name under which an engine loads what `importer` (a workspace URL) asks for. */
export function resolveImport(importer: string, specifier: string): string {
  if (specifier === filesModule) return filesModule;
  const from = moduleFile(importer);
  const refused = () =>
    moduleError("Error", `Cannot import '${specifier}': programs import node:fs/promises and files of /workspace only`, "");
  if (!/^(\.\.?\/|\/)/.test(specifier)) throw refused();
  const folder = from.slice(0, Math.max(0, from.lastIndexOf("/")));
  try {
    return (
      workspaceScheme +
      encodeURI(relativePath(specifier.startsWith("/") ? specifier : `${folder}/${specifier}`.replace(/^\//, "")))
    );
  } catch {
    throw refused();
  }
}

const stripped = new LRUCache<string, string>({ maxSize: 8_000_000, sizeCalculation: (js, ts) => js.length + ts.length + 1 });

/** What an engine may be given for TypeScript text; `undefined` for what is none, which `moduleSource` then explains. */
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
    // Node tells the line only in the stack's first line, `<url>:<line>`.
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
