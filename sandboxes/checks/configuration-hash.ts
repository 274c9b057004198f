/** What stands beside every figure of a backend, so that figures of different configurations are never compared. */
import { createHash } from "node:crypto";
import type { Json, Sandbox } from "../../contract/index.ts";

/** The fields that a figure or a proof holds for. */
type Hashed = Pick<Sandbox, "configuration" | "version" | "isolation" | "languages" | "enforces">;

/**
 * SHA-256 over the canonical JSON of what a backend is configured as and of what it declares, the first 12 hexadecimal
 * digits. Languages and limits are sets: their order changes nothing.
 */
export function configurationHash({ configuration, version, isolation, languages, enforces }: Hashed): string {
  const hashed = { configuration, version, isolation, languages: languages.toSorted(), enforces: enforces.toSorted() };
  return createHash("sha256").update(canonicalJson(hashed)).digest("hex").slice(0, 12);
}

/** JSON without spaces, keys in code unit order: equal values, equal text. */
function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}
