/** Where the npm package `deno` keeps its program: its install script, which may not have run, puts it beside itself. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface DenoProgram {
  /** Absolute. */
  readonly path: string;
  readonly version: string;
}

interface Manifest {
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** `undefined`: the package is not installed, or has no program for this machine. */
export function denoProgram(): DenoProgram | undefined {
  const { resolve } = createRequire(import.meta.url);
  const folderOf = (name: string): string | undefined => {
    try {
      return dirname(resolve(`${name}/package.json`));
    } catch {
      // Not installed, or for another kind of machine.
      return undefined;
    }
  };
  const folder = folderOf("deno");
  if (folder === undefined) return undefined;
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const folders = [folder, ...Object.keys(manifest.optionalDependencies ?? {}).map(folderOf)];
  const path = folders.flatMap((one) => (one === undefined ? [] : [join(one, "deno")])).find((file) => existsSync(file));
  return path === undefined ? undefined : { path, version: manifest.version };
}
