/** `structuredClone` for realms whose engine has none: the kinds of values that programs hold. */

function refused(value: unknown): Error {
  const what = typeof value === "function" ? `${value}` : typeof value === "symbol" ? value.toString() : "#<Object>";
  const error = new Error(`${what} could not be cloned.`);
  error.name = "DataCloneError";
  return error;
}

export function structuredCopy<T>(value: T): T {
  const copies = new Map<unknown, unknown>();
  const keep = <V>(from: unknown, copy: V): V => {
    copies.set(from, copy);
    return copy;
  };
  const properties = (from: object, to: object) => {
    for (const key of Object.keys(from))
      Object.defineProperty(to, key, {
        value: copyOf((from as Record<string, unknown>)[key]),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    return to;
  };
  const copyOf = (from: unknown): unknown => {
    if (typeof from === "function" || typeof from === "symbol") throw refused(from);
    if (typeof from !== "object" || from === null) return from;
    if (copies.has(from)) return copies.get(from);
    if (Array.isArray(from)) return properties(from, keep(from, new Array(from.length)));
    if (from instanceof Date) return keep(from, new Date(from.getTime()));
    if (from instanceof RegExp) return keep(from, new RegExp(from.source, from.flags));
    if (from instanceof ArrayBuffer) return keep(from, from.slice(0));
    if (ArrayBuffer.isView(from)) {
      const Kind = from.constructor as new (buffer: unknown, offset: number, length: number) => unknown;
      const view = from as ArrayBufferView & { readonly length?: number };
      return keep(from, new Kind(copyOf(view.buffer), view.byteOffset, view.length ?? view.byteLength));
    }
    if (from instanceof Map) {
      const copy = keep(from, new Map());
      for (const [key, member] of from) copy.set(copyOf(key), copyOf(member));
      return copy;
    }
    if (from instanceof Set) {
      const copy = keep(from, new Set());
      for (const member of from) copy.add(copyOf(member));
      return copy;
    }
    if (from instanceof Error) {
      const copy = keep(from, new Error(from.message));
      copy.name = from.name;
      if (from.stack !== undefined) copy.stack = from.stack;
      return copy;
    }
    if (from instanceof Promise || from instanceof WeakMap || from instanceof WeakSet) throw refused(from);
    return properties(from, keep(from, {}));
  };
  return copyOf(value) as T;
}
