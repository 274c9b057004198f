/** Texts that are JSON, walked and rewritten. */
import type { Json, JsonObject } from "../../contract/index.ts";

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a text that is JSON; undefined for other text. */
export function parsed(text: string): Json | undefined {
  if (!/^\s*[[{"\d-]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Plain text, which has no structure to look into.
    return undefined;
  }
}

/** The values of a text that is JSON as a whole or, as programs print it, line by line. */
export function valuesIn(text: string): readonly Json[] {
  const whole = parsed(text);
  if (whole !== undefined) return [whole];
  return text.split("\n").flatMap((line) => parsed(line) ?? []);
}

/** Every string and number in a value, with the key that holds it; an array's items are held by the array's key. */
export function* leavesOf(value: Json, key = ""): Generator<{ readonly key: string; readonly leaf: string | number }> {
  if (typeof value === "string" || typeof value === "number") yield { key, leaf: value };
  else if (Array.isArray(value)) for (const item of value) yield* leavesOf(item, key);
  else if (isJsonObject(value)) for (const [name, inner] of Object.entries(value)) yield* leavesOf(inner, name);
}

/** The same value with other keys and other strings. */
export function rewritten(value: Json, key: (key: string) => string, text: (text: string) => string): Json {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((item: Json) => rewritten(item, key, text));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [key(name), rewritten(inner, key, text)]));
}
