/** A module and all that it imports, prepared for an isolate, which can neither strip types nor parse. */

import { workspaceFunction } from "../../runner/realm/invoke.ts";
import type { CompiledModule } from "../../wire/messages.ts";
import { filesModule, moduleSource, resolveImport, workspaceScheme } from "../../workspace/module-source.ts";
import type { FileStore } from "../../workspace/workspace.ts";

/** Imports, static or dynamic, of a module that has become a function. Names that are computed are asked for later. */
const imports = /\$+import\(\s*(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)')/g;
/** A program that imports more asks for the rest. */
const mostModules = 500;

/** `longest`: UTF-16 units of a module that is compiled here, on the host's own thread. */
export function compileModules(
  entry: string,
  program: { file: string; source: string },
  store: FileStore,
  longest: number,
): CompiledModule[] {
  const found = new Map<string, CompiledModule>();
  const visit = (url: string): void => {
    if (found.has(url) || found.size === mostModules) return;
    const compiled = compileModule(url, program, store, longest);
    found.set(url, compiled);
    for (const [, double, single] of compiled.js?.matchAll(imports) ?? []) {
      const imported = target(url, double ?? single ?? "");
      if (imported !== undefined) visit(imported);
    }
  };
  visit(entry);
  return [...found.values()];
}

function compileModule(
  url: string,
  program: { file: string; source: string },
  store: FileStore,
  longest: number,
): CompiledModule {
  try {
    const source = moduleSource(url, program, store);
    if (source.length > longest) throw new SyntaxError(`A module is longer than ${longest} characters`);
    return { url, js: workspaceFunction(source, url) };
  } catch (error) {
    const { name, message, stack = "" } = error as Error;
    return { url, fault: { name, message, stack } };
  }
}

function target(importer: string, specifier: string): string | undefined {
  try {
    const url = resolveImport(importer, specifier);
    return url !== filesModule && url.startsWith(workspaceScheme) ? url : undefined;
  } catch {
    // The import itself says so.
    return undefined;
  }
}
