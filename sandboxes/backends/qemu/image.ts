/** What the machine boots: a kernel that scripts/setup-sandboxes.sh fetched, and a file system made here from this machine's own interpreter, busybox and the runner. */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { librariesOf } from "../../../machine/installed-files.ts";
import { type ArchiveFile, cpioArchive } from "./archive.ts";
import type { Engine } from "./engine.ts";
import { reseedProgram } from "./reseed.ts";
import { initScript, kernelModules, machineFolders } from "./supervisor.ts";

export interface ImageSources {
  /** Statically linked. */
  readonly busybox: string;
  /** Folder with `vmlinuz` and `modules/`. */
  readonly kernelFolder: string;
}

/** Writes the file system to `path`. */
export async function writeImage(path: string, { busybox, kernelFolder }: ImageSources, engine: Engine): Promise<void> {
  const files = new Map<string, ArchiveFile>([
    ["init", { bytes: Buffer.from(initScript(engine)), program: true }],
    ["bin/busybox", { bytes: await readFile(busybox), program: true }],
    ["bin/reseed", { bytes: reseedProgram(), program: true }],
    ["etc/passwd", { bytes: Buffer.from("root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/workspace:/bin/sh\n") }],
    ["etc/group", { bytes: Buffer.from("root:x:0:\nnogroup:x:65534:\n") }],
    ...engine.files,
  ]);
  for (const library of await librariesOf(engine.binaries)) {
    files.set(library.slice(1), { bytes: await readFile(library), program: true });
  }
  for (const name of kernelModules) {
    files.set(`modules/${name}.ko`, { bytes: await readFile(join(kernelFolder, "modules", `${name}.ko`)) });
  }
  const file = await open(path, "wx", 0o644);
  try {
    for (const chunk of cpioArchive(files, machineFolders)) await file.write(chunk);
  } finally {
    await file.close();
  }
}
