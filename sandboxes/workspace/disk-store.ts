/** Files of one folder on disk, by the rules of the workspace: nothing outside it, symbolic links included. */
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, sep } from "node:path";
import type { FileFacts } from "../guest/contract.ts";
import { FileFault, type FileStore } from "./workspace.ts";

const known = ["ENOENT", "EACCES", "EROFS", "EEXIST", "EISDIR", "ENOTDIR", "ENOSPC"] as const;

/** Runs a disk operation; what it throws becomes a fault with the same code. */
function attempt<T>(operation: () => T): T {
  try {
    return operation();
  } catch (cause) {
    if (cause instanceof FileFault) throw cause;
    const code = (cause as { code?: unknown }).code;
    throw new FileFault(known.find((name) => name === code) ?? "EACCES");
  }
}

/** `folder` is the workspace; it exists. */
export function diskStore(folder: string): FileStore {
  const root = realpathSync(folder);

  /** The absolute path, after checking where its links lead. */
  const locate = (path: string): string => {
    const full = join(root, path);
    let existing = full;
    while (existing !== root && lstatSync(existing, { throwIfNoEntry: false }) === undefined) existing = join(existing, "..");
    const real = realpathSync(existing);
    if (real !== root && !real.startsWith(root + sep)) throw new FileFault("EACCES");
    return full;
  };
  const factsOf = (name: string, stats: Stats): FileFacts =>
    stats.isDirectory() ? { name, kind: "directory", sizeBytes: 0 } : { name, kind: "file", sizeBytes: stats.size };
  const isFolder = (full: string) => statSync(full, { throwIfNoEntry: false })?.isDirectory() === true;
  const readable = (path: string) => {
    const full = locate(path);
    if (isFolder(full)) throw new FileFault("EISDIR");
    return full;
  };

  return {
    readText: (path) => attempt(() => new TextDecoder("utf-8", { ignoreBOM: true }).decode(readFileSync(readable(path)))),
    // A plain Uint8Array, as on every backend: a Buffer has methods that guests elsewhere do not have.
    readBytes: (path) => attempt(() => new Uint8Array(readFileSync(readable(path)))),
    write: (path, data, append) => attempt(() => (append ? appendFileSync : writeFileSync)(readable(path), data)),
    list: (path) =>
      attempt(() => {
        const full = locate(path);
        if (statSync(full).isFile()) throw new FileFault("ENOTDIR");
        return readdirSync(full)
          .sort()
          .flatMap((name) => {
            const stats = statSync(join(full, name), { throwIfNoEntry: false });
            return stats === undefined ? [] : [factsOf(name, stats)];
          });
      }),
    stat: (path) => attempt(() => factsOf(path.slice(path.lastIndexOf("/") + 1), statSync(locate(path)))),
    makeFolder: (path) => attempt(() => mkdirSync(locate(path))),
  };
}
