/** A value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object; what tools take as arguments and return as structured content. */
export type JsonObject = { readonly [key: string]: Json };

/** JSON without spaces, keys in code unit order: equal values, equal text. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}

/** Readonly all the way down: what was read from a file is not changed. */
export type Readonlies<T> = T extends readonly (infer E)[]
  ? readonly Readonlies<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Readonlies<T[K]> }
    : T;
