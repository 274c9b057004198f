/** Programs of this machine and the libraries that they load: an image that is made here holds these and comes from no registry. */
import { execFile, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** Where programs are on most machines, for a host whose environment does not say. */
export const usualPath = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/** Part of util-linux. */
export const setprivPath = "/usr/bin/setpriv";

/**
 * Programs besides the engine: a shell starts one runner after another, `setpriv` takes its rights, and `sleep` stands for
 * what a program may leave behind.
 */
export const boxPrograms = ["/bin/sh", setprivPath, "/bin/sleep"];

/** Milliseconds that a program may take to print its version. */
const answerMs = 5_000;

/** Absolute paths of the shared libraries and the loader that `binaries` need. */
export async function librariesOf(binaries: readonly string[]): Promise<string[]> {
  const listings = await Promise.all(binaries.map((binary) => promisify(execFile)("ldd", [binary])));
  const paths = listings.flatMap(({ stdout }) => [...stdout.matchAll(/(\/\S+\.so\S*)/g)].map(([, path = ""]) => path));
  return [...new Set(paths)];
}

/** Absolute path of a program, or `undefined`. */
export function findProgram(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  return (env.PATH ?? usualPath)
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** `<name> <version>`, as the program prints it. */
export function programVersion(name: string, path: string): string {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", env: {}, timeout: answerMs });
  return `${name} ${/\d+\.\d\S*/.exec(stdout ?? "")?.[0] ?? "(version unknown)"}`;
}
