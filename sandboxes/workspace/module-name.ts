/** The names of modules, as programs and engines use them. Their sources are in another file, which needs Node. */
import { relativePath } from "./workspace.ts";

export const filesModule = "node:fs/promises";
export const workspaceScheme = "workspace:/";

/** Why a module cannot be loaded. `stack` holds only the place: no host path may reach the guest. */
export function moduleError(name: "Error" | "SyntaxError", message: string, place: string): Error {
  const error = new Error(message);
  error.name = name;
  error.stack = place === "" ? "" : `${name}: ${message}\n    at ${place}`;
  return error;
}

/** The path below `/workspace` of a module's URL. */
export const moduleFile = (url: string) => decodeURI(url.slice(workspaceScheme.length));

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
