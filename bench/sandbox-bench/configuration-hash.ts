/** What stands beside every figure of a backend, so that figures of different configurations are never compared. */
import { createHash } from "node:crypto";
import type { Json, Sandbox } from "../types/index.ts";

/** SHA-256 over the canonical JSON of `configuration` and `version`, the first 12 hexadecimal digits. */
export function configurationHash({ configuration, version }: Pick<Sandbox, "configuration" | "version">): string {
  return createHash("sha256").update(canonicalJson({ configuration, version })).digest("hex").slice(0, 12);
}

/** JSON without spaces, keys in code unit order: equal values, equal text. */
function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}
