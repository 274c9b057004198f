/**
 * The generated tree on the host's disk, for backends that mount it read-only. One copy serves all sessions that are
 * given the same files.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type SessionFolder, sessionFolder } from "./session-folder.ts";

/** The one folder of the workspace that is mounted. */
export const treeRoot = "servers";
/** Below it, a folder for each of the host's data folders. */
export const dataRoot = "data";

/** The files that a backend which mounts the tree has to bring in another way. */
export const outsideTree = (files: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...files].filter(([path]) => !path.startsWith(`${treeRoot}/`)));

export interface SessionTrees {
  /** Absolute path of a folder that holds `servers/`. Rejects with SANDBOX_UNAVAILABLE. */
  folderOf(files: ReadonlyMap<string, string>): Promise<string>;
  /** Removes the copies; sessions that use them must be closed. */
  dispose(): Promise<void>;
}

export function sessionTrees(tmpDir: string, sandbox: string): SessionTrees {
  const folders = new Map<ReadonlyMap<string, string>, Promise<SessionFolder>>();
  const write = async (files: ReadonlyMap<string, string>): Promise<SessionFolder> => {
    const folder = await sessionFolder(tmpDir, sandbox);
    await mkdir(join(folder.path, treeRoot));
    const tree = [...files].filter(([path]) => path.startsWith(`${treeRoot}/`));
    for (const made of new Set(tree.map(([path]) => dirname(path)))) {
      await mkdir(join(folder.path, made), { recursive: true });
    }
    await Promise.all(tree.map(([path, text]) => writeFile(join(folder.path, path), text)));
    return folder;
  };
  return {
    async folderOf(files) {
      let folder = folders.get(files);
      if (folder === undefined) {
        folder = write(files);
        folders.set(files, folder);
        // A disk that was full may have room the next time.
        folder.catch(() => folders.delete(files));
      }
      return (await folder).path;
    },
    async dispose() {
      const made = await Promise.allSettled(folders.values());
      folders.clear();
      await Promise.all(made.map((folder) => (folder.status === "fulfilled" ? folder.value.remove() : undefined)));
    },
  };
}
