/**
 * `node:fs/promises` as programs see it: the few functions of the guest API, over the host's primitives, with the same
 * error messages on every backend.
 */
import type { FileFacts } from "./contract.ts";
import { host } from "./host.ts";

const { assign } = Object;
const { parse } = JSON;

const meanings: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EROFS: "read-only file system",
  EEXIST: "file already exists",
  EISDIR: "illegal operation on a directory",
  ENOTDIR: "not a directory",
  ENOSPC: "no space left on device",
  EIO: "i/o error",
};

type Encoding = string | null | { readonly encoding?: string | null; readonly flag?: string } | undefined;

/** Runs one primitive; a failure becomes the error that Node would give, e.g. `ENOENT: ..., open 'x'`. */
async function attempt<T>(call: string, path: unknown, primitive: (path: string) => T): Promise<T> {
  if (typeof path !== "string") throw new TypeError("A path must be a string");
  try {
    return primitive(path);
  } catch (cause) {
    const reported = cause instanceof Error ? cause.message : "";
    const code = meanings[reported] === undefined ? "EIO" : reported;
    throw assign(new Error(`${code}: ${meanings[code]}, ${call} '${path}'`), { code, syscall: call, path });
  }
}

function encodingOf(options: Encoding): "utf8" | null {
  const encoding = typeof options === "object" ? (options?.encoding ?? null) : (options ?? null);
  if (encoding === null) return null;
  if (encoding === "utf8" || encoding === "utf-8") return "utf8";
  throw new TypeError(`Unknown encoding: ${encoding}`);
}

export async function readFile(path: string, options?: Encoding): Promise<string | Uint8Array> {
  const encoding = encodingOf(options);
  return attempt("open", path, (p) => (encoding === null ? host.readBytes(p) : host.readText(p)));
}

function write(path: string, data: unknown, append: boolean): Promise<void> {
  return attempt("open", path, (p) => {
    if (typeof data === "string") host.writeText(p, data, append);
    else host.writeBytes(p, data as Uint8Array, append);
  });
}

function checkData(data: unknown): void {
  if (typeof data !== "string" && !(data instanceof Uint8Array)) {
    throw new TypeError("The data of a file must be a string or a Uint8Array");
  }
}

export async function writeFile(path: string, data: string | Uint8Array, options?: Encoding): Promise<void> {
  checkData(data);
  encodingOf(options);
  return write(path, data, typeof options === "object" && options?.flag === "a");
}

export async function appendFile(path: string, data: string | Uint8Array, options?: Encoding): Promise<void> {
  checkData(data);
  encodingOf(options);
  return write(path, data, true);
}

const statsOf = (facts: FileFacts) => ({
  name: facts.name,
  size: facts.sizeBytes,
  isFile: () => facts.kind === "file",
  isDirectory: () => facts.kind === "directory",
});

/** Names in code-unit order; with `recursive`, paths below the folder. */
export async function readdir(
  path: string,
  options?: { readonly recursive?: boolean; readonly withFileTypes?: boolean } | string,
): Promise<unknown[]> {
  const wanted = typeof options === "object" ? options : {};
  const entries = await attempt("scandir", path, (p) => parse(host.list(p, wanted.recursive === true)) as FileFacts[]);
  const found: unknown[] = [];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as FileFacts;
    found[i] = wanted.withFileTypes === true ? statsOf(entry) : entry.name;
  }
  return found;
}

export async function mkdir(path: string, options?: { readonly recursive?: boolean }): Promise<void> {
  return attempt("mkdir", path, (p) => host.makeFolder(p, options?.recursive === true));
}

export async function stat(path: string) {
  return attempt("stat", path, (p) => statsOf(parse(host.stat(p)) as FileFacts));
}

export default { readFile, writeFile, appendFile, readdir, mkdir, stat };
