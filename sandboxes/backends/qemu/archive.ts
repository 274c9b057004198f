/**
 * Files as a cpio archive in the "newc" format, which Linux unpacks as its first file system and busybox reads: layout
 * from the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
 */
import { dirname } from "node:path";

export interface ArchiveFile {
  readonly bytes: Uint8Array;
  /** It may be run. */
  readonly program?: boolean;
}

const folderMode = 0o040_755;
const fileMode = 0o100_644;
const programMode = 0o100_755;
/** Everything begins at a multiple of this many bytes. */
const alignment = 4;

/** `files`: path without a leading `/`. `folders`: further ones; those that hold a file need not be named. All is root's. */
export function cpioArchive(files: ReadonlyMap<string, ArchiveFile>, folders: readonly string[] = []): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let inode = 1;
  const add = (path: string, mode: number, bytes: Uint8Array) => {
    const name = Buffer.from(`${path}\0`);
    const fields = [inode++, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
    const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
    chunks.push(head, name, padding(head.length + name.length), bytes, padding(bytes.length));
  };
  const above = new Set(folders);
  for (const path of [...files.keys(), ...folders]) {
    for (let up = dirname(path); up !== "."; up = dirname(up)) above.add(up);
  }
  for (const folder of [...above].sort()) add(folder, folderMode, new Uint8Array());
  for (const [path, { bytes, program }] of files) add(path, program === true ? programMode : fileMode, bytes);
  add("TRAILER!!!", 0, new Uint8Array());
  return chunks;
}

const padding = (length: number) => new Uint8Array((alignment - (length % alignment)) % alignment);
