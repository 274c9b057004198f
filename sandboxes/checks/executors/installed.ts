/** Whether an executor's package is there, and which version. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Availability } from "../../../contract/index.ts";

/** Of the package's own package.json; `undefined` where it is not installed. */
export function installedVersion(name: string): string | undefined {
  try {
    // Not every package exports its package.json, but every one has it above its entry.
    for (let folder = dirname(fileURLToPath(import.meta.resolve(name))); folder !== dirname(folder); folder = dirname(folder)) {
      const found = manifest(join(folder, "package.json"));
      if (found?.name === name) return found.version;
    }
  } catch {
    // It cannot be resolved.
  }
  return undefined;
}

function manifest(file: string): { readonly name?: string; readonly version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

export function availabilityOf(...names: readonly string[]): Availability {
  const missing = names.filter((name) => installedVersion(name) === undefined);
  if (missing.length === 0) return { status: "available" };
  const list = missing.join(" ");
  return { status: "unavailable", reason: `not installed: ${list}`, fix: `Run npm install ${list}` };
}
