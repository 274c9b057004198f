/** Puts a session's tree and data into its workspace from the host's side, for backends whose guest may not write there. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** `folder` exists. A path below it to text or bytes. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  for (const made of new Set([...files.keys()].map(dirname))) await mkdir(join(folder, made), { recursive: true });
  await Promise.all([...files].map(([path, content]) => writeFile(join(folder, path), content)));
}
