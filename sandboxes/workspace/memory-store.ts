/** Files in memory, for backends whose guest has no disk. Text stays text until somebody asks for bytes. */
import type { FileFacts } from "../guest/contract.ts";
import { FileFault, type FileStore } from "./workspace.ts";

/** The host's data by path, e.g. `data/corpus/a.txt`; `null` is a folder. */
export type DataFiles = ReadonlyMap<string, Uint8Array | null>;

export interface MemoryStore extends FileStore {
  /** Every file, sorted. */
  files(): string[];
  /** Bytes of a file, or `undefined`. */
  find(path: string): Uint8Array | undefined;
  /** Writes like a host: no limit, folders are made. */
  put(path: string, data: string | Uint8Array): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const sizeOf = (data: string | Uint8Array) => (typeof data === "string" ? Buffer.byteLength(data) : data.byteLength);
const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")));
const byName = (a: FileFacts, b: FileFacts) => (a.name < b.name ? -1 : 1);

/** `maxBytes` bounds what the guest may write; what was there at the start does not count. */
export function memoryStore(
  initial: Iterable<readonly [string, string]>,
  maxBytes: number,
  data: DataFiles = new Map(),
): MemoryStore {
  const contents = new Map<string, string | Uint8Array>();
  const folders = new Set<string>([""]);
  let writtenBytes = 0;

  const makeFolders = (path: string) => {
    for (let folder = path; !folders.has(folder); folder = parentOf(folder)) folders.add(folder);
  };
  const put = (path: string, data: string | Uint8Array) => {
    makeFolders(parentOf(path));
    contents.set(path, typeof data === "string" ? data.toWellFormed() : data);
  };
  for (const [path, text] of initial) put(path, text);
  for (const [path, bytes] of data) bytes === null ? makeFolders(path) : put(path, bytes);

  const existing = (path: string): string | Uint8Array => {
    const data = contents.get(path);
    if (data === undefined) throw new FileFault(folders.has(path) ? "EISDIR" : "ENOENT");
    return data;
  };
  const bytesOf = (data: string | Uint8Array) => (typeof data === "string" ? encoder.encode(data) : data);
  const textOf = (data: string | Uint8Array) => (typeof data === "string" ? data : decoder.decode(data));
  const checkParent = (path: string) => {
    const parent = parentOf(path);
    if (!folders.has(parent)) throw new FileFault(contents.has(parent) ? "ENOTDIR" : "ENOENT");
  };

  return {
    readText: (path) => textOf(existing(path)),
    readBytes: (path) => bytesOf(existing(path)),
    write(path, data, append) {
      if (folders.has(path)) throw new FileFault("EISDIR");
      checkParent(path);
      const before = contents.get(path);
      const kept = append && before !== undefined ? before : "";
      writtenBytes += sizeOf(data) - (append || before === undefined ? 0 : sizeOf(before));
      if (writtenBytes > maxBytes) {
        writtenBytes -= sizeOf(data);
        throw new FileFault("ENOSPC");
      }
      if (typeof kept === "string" && typeof data === "string") put(path, kept + data);
      else put(path, Buffer.concat([bytesOf(kept), bytesOf(data)]));
    },
    list(path) {
      if (contents.has(path)) throw new FileFault("ENOTDIR");
      if (!folders.has(path)) throw new FileFault("ENOENT");
      const prefix = path === "" ? "" : `${path}/`;
      const isChild = (other: string) =>
        other !== "" && other.startsWith(prefix) && other.indexOf("/", prefix.length) === -1 && other.length > prefix.length;
      const found: FileFacts[] = [];
      for (const folder of folders) {
        if (isChild(folder)) found.push({ name: folder.slice(prefix.length), kind: "directory", sizeBytes: 0 });
      }
      for (const [file, data] of contents) {
        if (isChild(file)) found.push({ name: file.slice(prefix.length), kind: "file", sizeBytes: sizeOf(data) });
      }
      return found.sort(byName);
    },
    stat(path) {
      if (folders.has(path)) return { name: path.slice(path.lastIndexOf("/") + 1), kind: "directory", sizeBytes: 0 };
      const data = contents.get(path);
      if (data === undefined) throw new FileFault("ENOENT");
      return { name: path.slice(path.lastIndexOf("/") + 1), kind: "file", sizeBytes: sizeOf(data) };
    },
    makeFolder(path) {
      if (folders.has(path) || contents.has(path)) throw new FileFault("EEXIST");
      checkParent(path);
      folders.add(path);
    },
    files: () => [...contents.keys()].sort(),
    find(path) {
      const data = contents.get(path);
      return data === undefined ? undefined : bytesOf(data);
    },
    put,
  };
}
