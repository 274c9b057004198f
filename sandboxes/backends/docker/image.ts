/**
 * The image that guests run in. It is made here, without a registry: this machine's own Node, a shell to start it with, the
 * libraries that they load, and the runner. It holds nothing else, so nothing else has to be kept up to date.
 */
import { createHash } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import type { Pack } from "tar-stream";
import { boxPrograms, librariesOf } from "../../../machine/installed-files.ts";
import { guestUser } from "../../host/runner/box-limits.ts";
import type { RunnerBundle } from "../../host/runner/bundle.ts";
import { channelFolder, errorFolders } from "../../runner/process/supervisor.ts";

export const runnerPath = "/opt/mcp-code-bench/runner.cjs";

/** A mount over a folder takes that folder's rights. */
const guest = { uid: guestUser, gid: guestUser };

/** Raised when what is put into the image changes, beyond the files that its tag already depends on. */
const recipe = 3;

const accounts: Readonly<Record<string, string>> = {
  "etc/passwd": `root:x:0:0:root:/:/bin/sh\nnobody:x:${guestUser}:${guestUser}:nobody:/workspace:/bin/sh\n`,
  "etc/group": `root:x:0:\nnogroup:x:${guestUser}:\n`,
};

/** `mcp-code-bench/guest:<hash>`: equal for equal Node, runner and recipe. */
export function imageTag(nodePath: string, nodeVersion: string, runner: RunnerBundle): string {
  const hash = createHash("sha256").update(JSON.stringify([recipe, nodePath, nodeVersion, runner.sha256]));
  return `mcp-code-bench/guest:${hash.digest("hex").slice(0, 16)}`;
}

/** What an image holds beside the shell, the accounts and the folders: its path in the image, without a leading `/`, to bytes. */
export type ImageFiles = ReadonlyMap<string, Buffer>;

/** The file system as a tar stream. Reading it drives the packing; a file that cannot be read destroys the stream. */
export async function imageArchive(nodePath: string, runner: RunnerBundle): Promise<Pack> {
  return packed(async () => {
    const node = await realpath(nodePath);
    const own = new Map([["usr/bin/node", await readFile(node)]]);
    for (const path of runner.files) own.set(runnerPath.slice(1) + path.slice(runner.file.length), await readFile(path));
    return { files: own, binaries: [node] };
  });
}

/** `binaries`: programs and libraries of this machine. What they load comes in as well. */
export async function packed(
  contents: () => Promise<{ readonly files: ImageFiles; readonly binaries: readonly string[] }>,
): Promise<Pack> {
  // An optional dependency, like dockerode.
  const { pack } = await import("tar-stream");
  const archive = pack();
  contents()
    .then(({ files, binaries }) => write(archive, files, binaries))
    .catch((error: unknown) => archive.destroy(error as Error));
  return archive;
}

async function write(archive: Pack, own: ImageFiles, binaries: readonly string[]): Promise<void> {
  const libraries = await librariesOf([...binaries, ...boxPrograms]);
  const files = new Map(own);
  for (const path of [...boxPrograms, ...libraries]) files.set(path.slice(1), await readFile(path));
  for (const [path, text] of Object.entries(accounts)) files.set(path, Buffer.from(text));

  const folders = new Set(["proc", "sys", "dev", "tmp", "workspace", channelFolder.slice(1)]);
  for (const folder of errorFolders) folders.add(folder.slice(1));
  for (const path of files.keys()) folders.add(dirname(path));
  for (const folder of [...folders]) for (let up = dirname(folder); up !== "."; up = dirname(up)) folders.add(up);
  for (const name of [...folders].sort()) {
    archive.entry({ name, type: "directory", mode: name === "tmp" ? 0o1777 : 0o755, ...(name === "workspace" ? guest : {}) });
  }
  for (const [name, bytes] of files) await entry(archive, name, bytes);
  archive.finalize();
}

const entry = (archive: Pack, name: string, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    archive.entry({ name, mode: name.startsWith("etc/") ? 0o644 : 0o755 }, bytes, (error) =>
      error == null ? resolve() : reject(error),
    );
  });
