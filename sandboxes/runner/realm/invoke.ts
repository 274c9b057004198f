/** The host's side of a realm: what its one function answers. It never returns an object of the host. */

import type { RealmFault, RealmInvoke, UrlParts } from "../../guest/realm-contract.ts";
import { guestSource } from "../../guest-files.ts";
import { filesModule, resolveImport, workspaceScheme } from "../../workspace/module-source.ts";
import { FileFault } from "../../workspace/workspace.ts";
import { type MachineHost, Stop } from "../engine/machine.ts";
import { moduleFunction } from "./module-function.ts";

const guestScheme = "guest:";

function resolve(importer: string, specifier: string): string {
  if (!importer.startsWith(guestScheme) && importer !== filesModule) return resolveImport(importer, specifier);
  if (specifier.startsWith(workspaceScheme)) return specifier;
  const name = specifier.replace(/^\.\//, "").replace(/\.[jt]s$/, "");
  return name === "fs-promises" ? filesModule : guestScheme + name;
}

const guestFunctions = new Map<string, string>();

/** Of the guest's own code, which never changes. */
function guestFunction(url: string): string {
  let js = guestFunctions.get(url);
  if (js === undefined) {
    js = moduleFunction(guestSource(url === filesModule ? "fs-promises" : url.slice(guestScheme.length)), url);
    guestFunctions.set(url, js);
  }
  return js;
}

/** Throws a SyntaxError whose stack is the place in the workspace. */
export function workspaceFunction(source: string, url: string): string {
  try {
    return moduleFunction(source, url);
  } catch (cause) {
    const { message, loc } = cause as SyntaxError & { loc?: { line: number } };
    const error = new SyntaxError(message.replace(/ \(\d+:\d+\)$/, ""), { cause });
    error.stack = loc === undefined ? "" : `${error}\n    at ${url}:${loc.line}`;
    throw error;
  }
}

function urlParts(href: string, base: string | undefined, part: unknown, value: unknown): UrlParts {
  const invalid = () => Object.assign(new TypeError("Invalid URL"), { stack: "" });
  if (!URL.canParse(href, base)) throw invalid();
  const url = new URL(href, base);
  if (typeof part === "string" && typeof value === "string") {
    if (part === "href" && !URL.canParse(value)) throw invalid();
    Reflect.set(url, part, value);
  }
  const { origin, protocol, username, password, host, hostname, port, pathname, search, hash } = url;
  return { href: url.href, origin, protocol, username, password, host, hostname, port, pathname, search, hash };
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
const bytes = (value: unknown) =>
  ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array();
/** Places in the workspace; everything else of a host's stack stays here. */
const ownPlaces = (stack: string) =>
  stack
    .split("\n")
    .filter((line) => line.trimStart().startsWith(`at ${workspaceScheme}`))
    .join("\n");

/**
 * `parts`: guest files that are loaded before the prelude. `stop` is called when a limit was passed while the guest
 * computes, and ends the guest.
 */
export function realmInvoke(host: MachineHost, parts: readonly string[], stop?: (limit: Stop) => void): RealmInvoke {
  const answers: Readonly<Record<string, (...args: unknown[]) => string | Uint8Array | undefined>> = {
    parts: () => JSON.stringify(parts),
    module: (url) =>
      text(url).startsWith(workspaceScheme) ? workspaceFunction(host.load(text(url)), text(url)) : guestFunction(text(url)),
    resolve: (importer, specifier) => resolve(text(importer), text(specifier)),
    url: (href, base, part, value) =>
      JSON.stringify(urlParts(text(href), base === undefined ? undefined : text(base), part, value)),
    write: (line) => void host.write(text(line)),
    call: (id, server, tool, input) => void host.call(Number(id), text(server), text(tool), text(input)),
    wait: (milliseconds) => void host.wait(Number(milliseconds)),
    finish: (threw, name, message, stack) => void host.finish(threw === true, text(name), text(message), text(stack)),
    readText: (path) => host.readText(text(path)),
    readBytes: (path) => host.readBytes(text(path)),
    writeText: (path, data, append) => void host.writeText(text(path), text(data), append === true),
    writeBytes: (path, data, append) => void host.writeBytes(text(path), bytes(data), append === true),
    list: (path, recursive) => host.list(text(path), recursive === true),
    stat: (path) => host.stat(text(path)),
    makeFolder: (path, recursive) => void host.makeFolder(text(path), recursive === true),
  };
  const fault = (error: unknown, name: string): string => {
    const known = error instanceof FileFault || ["module", "resolve", "url"].includes(name);
    const { message, stack = "" } = error as Error;
    const told: RealmFault = known
      ? { name: (error as Error).name, message, stack: ownPlaces(stack) }
      : { name: "Error", message: "EIO", stack: "" };
    return `!${JSON.stringify(told)}`;
  };
  return (name, ...args) => {
    try {
      const answer = Object.hasOwn(answers, name) ? answers[name]?.(...args) : undefined;
      if (name === "write" || name === "call") host.tick();
      return typeof answer === "string" ? `=${answer}` : answer;
    } catch (error) {
      if (!(error instanceof Stop)) return fault(error, name);
      stop?.(error);
      return undefined;
    }
  };
}

/** First code of a realm, evaluated as a script. */
export const realmEntry = () => guestSource("realm-entry");

/** Guest code that every realm loads. */
const guestModules = [
  ...["realm-globals", "structured-copy", "text-codec", "web-url", "lost-rejection", "prelude", "call-tool", "console"],
  ...["format", "contract", "host", "limits", "locale", "own-methods", "thrown", "timers", "url"],
];

/**
 * The same with the guest's modules beside it, for engines that keep compiled code: one script instead of many that are
 * evaluated one by one.
 */
export function wholeRealmEntry(): string {
  const urls = [...guestModules.map((name) => guestScheme + name), filesModule];
  const table = urls.map((url) => `${JSON.stringify(url)}: ${guestFunction(url).replace(/\n\/\/# sourceURL=.*$/, "")}`);
  return `globalThis.__modules = { ${table.join(",\n")} };\n${realmEntry()}`;
}
