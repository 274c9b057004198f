/**
 * The code that workerd is given for an isolate, as its worker loader takes it: the files of `isolate/` and what they
 * import. Nothing is bundled, so no build step stands between the sources and the guest.
 */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { posix } from "node:path";
import { codeUrl, guestSource } from "../../guest-files.ts";
import { moduleFunction } from "../../runner/realm/module-function.ts";
import { filesModule } from "../../workspace/module-source.ts";

/** What needs Node; in the isolate these stand in for it. */
const standIns: Readonly<Record<string, string>> = {
  "guest-files": "backends/workerd/isolate/guest-files",
  "runner/realm/module-function": "backends/workerd/isolate/module-function",
  "workspace/module-source": "backends/workerd/isolate/module-source",
};
const mainModule = "backends/workerd/isolate/main";
const relativeImport = /^((?:import|export)\b[^";]*")(\.[^"\n]+)\.[jt]s"/gm;

export type IsolateModule = { readonly js: string } | { readonly json: unknown };
export interface IsolateCode {
  readonly mainModule: string;
  readonly modules: Readonly<Record<string, IsolateModule>>;
}

/** One folder: workerd then finds every module beside every other. */
const moduleName = (name: string) => `${name.replaceAll("/", ".")}.js`;

function javascript(name: string): string {
  const url = codeUrl(name);
  const source = readFileSync(url, "utf8");
  const js = url.pathname.endsWith(".ts") ? stripTypeScriptTypes(source) : source;
  // The global one is taken away from guests.
  return /\bBuffer\./.test(js) && !js.includes('from "node:buffer"') ? `import { Buffer } from "node:buffer";\n${js}` : js;
}

/** The prelude and what it imports, as functions by name. */
function guestParts(): Record<string, string> {
  const parts: Record<string, string> = {};
  const visit = (name: string): void => {
    if (name in parts) return;
    const source = guestSource(name);
    parts[name] = moduleFunction(source, name === "fs-promises" ? filesModule : `guest:${name}`);
    for (const [, , imported = ""] of source.matchAll(relativeImport)) visit(posix.basename(imported));
  };
  visit("realm-globals");
  visit("prelude");
  return parts;
}

/** Reads and compiles some twenty small files: callers keep the answer. */
export function isolateCode(): IsolateCode {
  const modules: Record<string, IsolateModule> = {};
  const visit = (name: string): void => {
    if (moduleName(name) in modules) return;
    modules[moduleName(name)] = { js: "" };
    const js = javascript(name).replace(relativeImport, (_whole, before: string, path: string) => {
      const imported = posix.join(posix.dirname(name), path);
      const used = standIns[imported] ?? imported;
      visit(used);
      return `${before}./${moduleName(used)}"`;
    });
    modules[moduleName(name)] = { js };
  };
  visit(mainModule);
  modules["guest.json"] = { json: { entry: guestSource("realm-entry"), parts: guestParts() } };
  return { mainModule: moduleName(mainModule), modules };
}
