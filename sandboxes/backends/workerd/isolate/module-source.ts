/** Stands in for `workspace/module-source.ts`: the host has taken the types out, and made each module a function. */
import type { CompiledModule } from "../../../wire/messages.ts";

export { filesModule, resolveImport, workspaceScheme } from "../../../workspace/module-name.ts";

const compiled = new Map<string, CompiledModule>();

export const isCompiled = (url: string): boolean => compiled.has(url);
export const addCompiled = (module: CompiledModule): void => void compiled.set(module.url, module);

/** Throws what was wrong with it when the host compiled it. */
export function moduleSource(url: string): string {
  const found = compiled.get(url);
  if (found?.js !== undefined) return found.js;
  const { name, message, stack } = found?.fault ?? { name: "Error", message: `Cannot load '${url}'`, stack: "" };
  throw Object.assign(new Error(message), { name, stack });
}
