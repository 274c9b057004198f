/**
 * First code in a realm whose engine has the language and nothing else: a V8 isolate, a `node:vm` context. It makes the
 * host's primitives into a `GuestHost`, loads modules (as functions, see `realm/module-function.ts`), and leaves the
 * driver where the realm's host finds it. It is evaluated as a script, so it imports types alone.
 */
import type { Guest, GuestHost } from "./contract.ts";
import type { RealmFault, RealmGuestHost, RealmInvoke } from "./realm-contract.ts";

type Exports = Record<string, unknown>;
type Import = (specifier: unknown, wanted?: readonly string[]) => Promise<Exports>;
type Export = (getters: Exports, all?: boolean) => void;
type ModuleFunction = ($$import: Import, $$export: Export) => Promise<void>;

interface LoadedModule {
  readonly exports: Exports;
  /** Settles when the module has been evaluated. */
  readonly done: Promise<void>;
  /** The module whose evaluation it awaits; a module imports one after another. */
  awaits: LoadedModule | undefined;
}

(() => {
  const scope = globalThis as unknown as {
    __realm: RealmInvoke;
    /** Guest code that came with this script, by URL. */
    __modules?: Readonly<Record<string, ModuleFunction>>;
    __guest?: Guest;
    __guestHost?: GuestHost;
  };
  const invoke = scope.__realm;
  const given = scope.__modules ?? {};
  Reflect.deleteProperty(scope, "__realm");
  Reflect.deleteProperty(scope, "__modules");
  // Indirect, so that modules see the global scope alone.
  // biome-ignore lint/security/noGlobalEval: it is how a realm without a module loader gets its modules
  const evaluate = globalThis.eval;
  const { parse } = JSON;
  const { create, defineProperty, getOwnPropertyDescriptor, keys } = Object;
  const { apply } = Reflect;
  const slice: (text: string, from: number) => string = Function.prototype.call.bind(String.prototype.slice);
  const kinds: Readonly<Record<string, ErrorConstructor>> = { SyntaxError, TypeError, RangeError };

  /** The host's answer, as text or bytes; a fault becomes an error of this realm. */
  const ask = (...args: Parameters<RealmInvoke>): string | Uint8Array => {
    const answer = apply(invoke, undefined, args);
    if (typeof answer !== "string") return answer === undefined ? "" : new Uint8Array(answer);
    if (answer[0] === "=") return slice(answer, 1);
    const fault = parse(slice(answer, 1)) as RealmFault;
    const error = new (kinds[fault.name] ?? Error)(fault.message);
    defineProperty(error, "stack", { value: fault.stack, writable: true, configurable: true });
    throw error;
  };
  const text = (...args: Parameters<RealmInvoke>) => apply(ask, undefined, args) as string;
  const host: RealmGuestHost = {
    write: (line) => void ask("write", line),
    call: (id, server, tool, inputJson) => void ask("call", id, server, tool, inputJson),
    wait: (milliseconds) => void ask("wait", milliseconds),
    finish: (threw, name, message, stack) => void ask("finish", threw, name, message, stack),
    readText: (path) => text("readText", path),
    readBytes: (path) => ask("readBytes", path) as Uint8Array,
    writeText: (path, data, append) => void ask("writeText", path, data, append),
    writeBytes: (path, data, append) => void ask("writeBytes", path, data, append),
    list: (path, recursive) => text("list", path, recursive),
    stat: (path) => text("stat", path),
    makeFolder: (path, recursive) => void ask("makeFolder", path, recursive),
    url: (href, base, part, value) => text("url", href, base, part, value),
  };

  const modules: Record<string, LoadedModule> = create(null);

  /** Whether `module` cannot be done before `other` is: they import each other. */
  const isBehind = (module: LoadedModule, other: LoadedModule): boolean =>
    module === other || (module.awaits !== undefined && isBehind(module.awaits, other));

  const load = (url: string): LoadedModule => {
    const known = modules[url];
    if (known !== undefined) return known;
    const run = given[url] ?? (evaluate(text("module", url)) as ModuleFunction);
    const exports: Exports = create(null);
    const addExports: Export = (getters, all) => {
      const names = keys(getters);
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string;
        if (all === true && (name === "default" || name in exports)) continue;
        const get = all === true ? () => getters[name] : getOwnPropertyDescriptor(getters, name)?.get;
        if (get !== undefined) defineProperty(exports, name, { get, enumerable: true, configurable: true });
      }
    };
    const evaluated = async () => {
      // Not at once: its importer has to be seen to await it first, or modules that import each other would hang.
      await undefined;
      await run(importFrom, addExports);
    };
    const importFrom: Import = async (specifier, wanted) => {
      const name = `${specifier}`;
      const other = load(text("resolve", url, name));
      const isStatic = wanted !== undefined;
      if (!isStatic) await other.done;
      else if (!isBehind(other, loaded)) {
        loaded.awaits = other;
        await other.done;
        loaded.awaits = undefined;
      }
      for (let i = 0; isStatic && i < wanted.length; i++) {
        const key = wanted[i] as string;
        if (key in other.exports) continue;
        throw new SyntaxError(`The requested module '${name}' does not provide an export named '${key}'`);
      }
      return other.exports;
    };
    const loaded: LoadedModule = { exports, done: evaluated(), awaits: undefined };
    modules[url] = loaded;
    return loaded;
  };

  scope.__guestHost = host;
  const begin = async () => {
    for (const name of parse(text("parts")) as string[]) await load(`guest:${name}`).done;
    const prelude = load("guest:prelude");
    await prelude.done;
    defineProperty(globalThis, "__guest", { value: prelude.exports.guest, configurable: true });
  };
  void begin();
})();
