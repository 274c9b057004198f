/** A module and all that it imports, prepared for an isolate, which can neither strip types nor parse. */

import { workspaceFunction } from "../../runner/realm/invoke.ts";
import { filesModule, moduleSource, resolveImport, workspaceScheme } from "../../workspace/module-source.ts";
import type { FileStore } from "../../workspace/workspace.ts";
import type { CompiledModule } from "./wire.ts";

/** Imports, static or dynamic, of a module that has become a function. Names that are computed are asked for later. */
const imports = /\$\$import\(\s*(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)')/g;
/** A program that imports more asks for the rest. */
const mostModules = 500;

export function compileModules(entry: string, program: { file: string; source: string }, store: FileStore): CompiledModule[] {
  const found = new Map<string, CompiledModule>();
  const visit = (url: string): void => {
    if (found.has(url) || found.size === mostModules) return;
    const compiled = compileModule(url, program, store);
    found.set(url, compiled);
    for (const [, double, single] of compiled.js?.matchAll(imports) ?? []) {
      const imported = target(url, double ?? single ?? "");
      if (imported !== undefined) visit(imported);
    }
  };
  visit(entry);
  return [...found.values()];
}

function compileModule(url: string, program: { file: string; source: string }, store: FileStore): CompiledModule {
  try {
    return { url, js: workspaceFunction(moduleSource(url, program, store), url) };
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
