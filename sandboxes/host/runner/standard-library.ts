/** The standard library of this machine's Python, as far as guests need it: for images that are made here. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pythonVersion } from "./python-files.ts";

/** Parts that no guest needs; `config-*` holds what extensions are built with. */
const leftOut = /^(test|idlelib|turtledemo|tkinter|lib2to3|ensurepip|__pycache__|config-.*)$/;

/** Absolute paths of its files. Links out of it, to the machine's own settings, are left out. */
export const standardLibrary = (): Promise<string[]> => filesBelow(`/usr/lib/python${pythonVersion()}`);

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      if (entry.isDirectory()) return leftOut.test(entry.name) ? [] : filesBelow(join(folder, entry.name));
      return entry.isFile() ? [join(folder, entry.name)] : [];
    }),
  );
  return found.flat();
}
