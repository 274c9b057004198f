/** This package's own version, from the one place that states it. */
import { readFile } from "node:fs/promises";

export async function packageVersion(): Promise<string> {
  const about: unknown = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  const version = typeof about === "object" && about !== null && "version" in about ? about.version : undefined;
  return typeof version === "string" ? version : "unknown";
}
