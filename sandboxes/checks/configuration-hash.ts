/** A hash beside every figure of a backend, so that figures of different configurations are never compared. */
import { createHash } from "node:crypto";
import { canonicalJson, type Sandbox } from "../../contract/index.ts";

/** The fields that a figure or a proof holds for. */
type Hashed = Pick<Sandbox, "configuration" | "version" | "isolation" | "languages" | "enforces" | "egress">;

/**
 * SHA-256 over the canonical JSON of what a backend is configured as and of what it declares, the first 12 hexadecimal
 * digits. Languages and limits are sets: their order changes nothing.
 */
export function configurationHash({ configuration, version, isolation, languages, enforces, egress }: Hashed): string {
  const sets = { languages: languages.toSorted(), enforces: enforces.toSorted() };
  const hashed = { configuration, version, isolation, ...sets, ...(egress === true ? { egress } : {}) };
  return createHash("sha256").update(canonicalJson(hashed)).digest("hex").slice(0, 12);
}
