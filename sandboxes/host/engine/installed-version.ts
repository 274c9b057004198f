/** Versions of packages that may or may not be there. */
import { readFileSync } from "node:fs";

/** `undefined`: not installed. */
export function installedVersion(name: string): string | undefined {
  try {
    const file = new URL(import.meta.resolve(`${name}/package.json`));
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  } catch {
    // An optional peer that nobody installed.
    return undefined;
  }
}
