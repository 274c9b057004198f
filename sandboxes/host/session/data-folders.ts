/** The host's data folders, read for sessions whose guest has no disk to mount them on. */
import { open, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { BenchError, type DataFolder } from "../../../contract/index.ts";
import type { DataFiles } from "../../workspace/memory-store.ts";

/** Bytes of all data of one session: each session holds a copy. */
export const maxDataBytes = 128 * 2 ** 20;

/** Files and (as `null`) folders below `data/`. Links that lead out of their folder are left out. Rejects with LIMIT. */
export async function readDataFolders(folders: readonly DataFolder[]): Promise<DataFiles> {
  const found = new Map<string, Uint8Array | null>([["data", null]]);
  let leftBytes = maxDataBytes;

  const visit = async (root: string, real: string, path: string, above: ReadonlySet<string>): Promise<void> => {
    if (real !== root && !real.startsWith(root + sep)) return;
    const facts = await stat(real);
    if (facts.isDirectory()) {
      // A link to a folder above it would go on for ever.
      if (above.has(real)) return;
      found.set(path, null);
      const inside = new Set([...above, real]);
      for (const name of await readdir(real)) await visitLink(root, join(real, name), `${path}/${name}`, inside);
    } else if (facts.isFile()) {
      const bytes = await readAtMost(real, leftBytes);
      if (bytes === undefined) throw tooMuch(path);
      leftBytes -= bytes.byteLength;
      found.set(path, bytes);
    }
  };
  const visitLink = async (root: string, file: string, path: string, above: ReadonlySet<string>) => {
    const real = await realpath(file).catch(() => undefined);
    if (real !== undefined) await visit(root, real, path, above);
  };

  for (const { name, path } of folders) {
    const root = await realpath(path);
    await visit(root, root, `data/${name}`, new Set());
  }
  return found;
}

/** `undefined`: it holds more. */
async function readAtMost(file: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const handle = await open(file);
  try {
    if ((await handle.stat()).size > maxBytes) return undefined;
    const bytes = await handle.readFile();
    // A plain Uint8Array with memory of its own: a small Buffer would be sent with its whole pool.
    return bytes.byteLength > maxBytes ? undefined : new Uint8Array(bytes);
  } finally {
    await handle.close();
  }
}

const tooMuch = (path: string) =>
  new BenchError("LIMIT", {
    limit: "data",
    problem: `with ${path} the data folders hold more than ${maxDataBytes} bytes, and this sandbox keeps them in memory`,
    fix: "Give it less data, or choose a sandbox that mounts folders, such as docker.",
  });
