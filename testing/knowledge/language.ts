/** What the language itself gives a program, by reflection: a name of these is never learned. */
import { Dirent, Stats } from "node:fs";
import { runInNewContext } from "node:vm";

/** Globals of ECMAScript alone: a fresh context has no host in it. */
export const languageGlobals: ReadonlySet<string> = new Set(
  (runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[]).filter((name) => name !== "console"),
);

/** Globals that the system text grants by another word than their own. */
export const grantedBy: { readonly [name: string]: string } = {
  setTimeout: "timers",
  clearTimeout: "timers",
  setInterval: "timers",
  clearInterval: "timers",
};

/** Methods of every standard class, of an array's iterator, and of the host's classes that programs are given. */
export const methods: ReadonlySet<string> = new Set(
  [
    ...[...languageGlobals].map((name) => Reflect.get(globalThis, name)),
    console,
    URL,
    URLSearchParams,
    TextEncoder,
    TextDecoder,
    Dirent,
    Stats,
    [].values(),
  ].flatMap((value) => [value, isObject(value) ? Reflect.get(value, "prototype") : undefined].flatMap(methodsOf)),
);

function methodsOf(value: unknown): string[] {
  const found: string[] = [];
  for (let at = value; isObject(at); at = Object.getPrototypeOf(at)) {
    for (const [name, { value: own }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof own === "function") found.push(name);
    }
  }
  return found;
}

/** Whether the global has that property: `Math.PI`, `Number.isFinite`. */
export function isStatic(global: string, property: string): boolean {
  const value: unknown = languageGlobals.has(global) ? Reflect.get(globalThis, global) : undefined;
  return isObject(value) && Reflect.has(value, property);
}

/** Whether what the class makes has that property: `size` of a Map, `message` of an Error. */
export function isOfClass(name: string, property: string): boolean {
  const made: unknown = Reflect.get(globalThis, name);
  const prototype: unknown = isObject(made) ? Reflect.get(made, "prototype") : undefined;
  if (!isObject(prototype)) return false;
  return Reflect.has(prototype, property) || (prototype instanceof Error && ["cause", "stack"].includes(property));
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
