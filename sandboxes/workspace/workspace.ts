/**
 * The files of one session, as guests and hosts see them: paths below `/workspace`, `servers/` read-only to the guest,
 * POSIX codes for what goes wrong, and a list of what a program touched. Backends choose where the bytes are.
 */
import type { FileFacts } from "../guest/contract.ts";
import { maxReportedLength } from "../guest/limits.ts";

const root = "/workspace";

/** A file operation that failed; `message` is the POSIX code alone, and the guest words it. */
export class FileFault extends Error {
  constructor(code: "ENOENT" | "EACCES" | "EROFS" | "EEXIST" | "EISDIR" | "ENOTDIR" | "ENOSPC") {
    super(code);
    this.name = "FileFault";
  }
}

/**
 * The path relative to `/workspace`, without `.` and `..`; the workspace itself is `""`. Throws EACCES for what lies
 * outside, after resolving.
 */
export function relativePath(path: string): string {
  if (path.includes("\0")) throw new FileFault("ENOENT");
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${root}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  if (parts[0] !== root.slice(1)) throw new FileFault("EACCES");
  return parts.slice(1).join("/");
}

/** The generated tree, and the host's data. */
const readOnlyRoots = ["servers", "data"];
const isReadOnly = (path: string) => readOnlyRoots.some((root) => path === root || path.startsWith(`${root}/`));

/** Where the bytes are. Paths are relative and resolved; failures are `FileFault`. */
export interface FileStore {
  readText(path: string): string;
  readBytes(path: string): Uint8Array;
  /** The folder must exist. */
  write(path: string, data: string | Uint8Array, append: boolean): void;
  /** Direct children in code-unit order. */
  list(path: string): FileFacts[];
  stat(path: string): FileFacts;
  /** The parent must exist; throws EEXIST. */
  makeFolder(path: string): void;
}

/** What a program did with the files, in first-use order. */
export interface FileActivity {
  readonly read: string[];
  readonly wrote: string[];
}

/** A guest's view of a store: paths as the program wrote them, rules enforced, use recorded. One for each run. */
export interface GuestFiles {
  readText(path: string): string;
  readBytes(path: string): Uint8Array;
  write(path: string, data: string | Uint8Array, append: boolean): void;
  list(path: string, recursive: boolean): string;
  stat(path: string): string;
  makeFolder(path: string, recursive: boolean): void;
  activity(): FileActivity;
}

/** Paths, as many as may be reported. */
function reported(paths: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  let length = 0;
  for (const path of paths) {
    length += path.length + 1;
    if (length > maxReportedLength) break;
    kept.push(path);
  }
  return kept;
}

export function guestFiles(store: FileStore): GuestFiles {
  const read = new Set<string>();
  const wrote = new Set<string>();
  const shown = (path: string) => (path === "" ? "." : path);
  const reading = <T>(path: string, operation: (relative: string) => T): T => {
    const relative = relativePath(path);
    const found = operation(relative);
    read.add(shown(relative));
    return found;
  };
  const toWrite = (path: string) => {
    const relative = relativePath(path);
    if (isReadOnly(relative)) throw new FileFault("EROFS");
    return relative;
  };
  const descendants = (folder: string, prefix: string): FileFacts[] =>
    store.list(folder).flatMap((entry) => {
      const name = prefix + entry.name;
      const own = { ...entry, name };
      return entry.kind === "file" ? [own] : [own, ...descendants(`${folder}/${entry.name}`.replace(/^\//, ""), `${name}/`)];
    });
  return {
    readText: (path) => reading(path, store.readText),
    readBytes: (path) => reading(path, store.readBytes),
    write(path, data, append) {
      const relative = toWrite(path);
      store.write(relative, data, append);
      wrote.add(relative);
    },
    list: (path, recursive) =>
      reading(path, (relative) => JSON.stringify(recursive ? descendants(relative, "") : store.list(relative))),
    stat: (path) => reading(path, (relative) => JSON.stringify(store.stat(relative))),
    makeFolder(path, recursive) {
      const relative = toWrite(path);
      if (!recursive) {
        store.makeFolder(relative);
        wrote.add(shown(relative));
        return;
      }
      const parts = relative.split("/");
      for (let depth = 1; depth <= parts.length; depth++) {
        const folder = parts.slice(0, depth).join("/");
        try {
          store.makeFolder(folder);
          wrote.add(folder);
        } catch (error) {
          const exists = error instanceof FileFault && error.message === "EEXIST";
          if (!exists || store.stat(folder).kind === "file") throw error;
        }
      }
    },
    activity: () => ({ read: reported(read), wrote: reported(wrote) }),
  };
}
