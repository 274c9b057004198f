/** This package's own version, from the one place that states it. */
import { readFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";

/** The nearest package.json is this package's, from the sources and from the built `dist/` alike. */
export async function packageVersion(): Promise<string> {
  const file = findPackageJSON(import.meta.url);
  const about: unknown = file === undefined ? undefined : JSON.parse(await readFile(file, "utf8"));
  const version = typeof about === "object" && about !== null && "version" in about ? about.version : undefined;
  return typeof version === "string" ? version : "unknown";
}
