/**
 * One temporary folder a run, for everything that sandboxes and servers put on disk. Its name says who owns it, so that
 * the next start removes what a killed run left.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { BenchError } from "../contract/index.ts";
import { ownerOf, ownerState } from "./owner.ts";

const prefix = "mcp-code-bench-run-";

/**
 * Makes the folder below `tmpDir` and removes those of processes that are gone. The caller removes it at the end.
 *
 * Rejects with USAGE when `tmpDir` cannot be written. Folders that may not be removed (another
 * user's) stay.
 */
export async function makeRunTemp(tmpDir: string): Promise<string> {
  // A folder that cannot be listed is not swept.
  for (const name of await readdir(tmpDir).catch(() => [])) {
    // After the owner's tag come a dash and six characters of mkdtemp.
    if (name.startsWith(prefix) && ownerState(name.slice(prefix.length, -7)) === "gone") {
      await removeRunTemp(join(tmpDir, name));
    }
  }
  return mkdtemp(join(tmpDir, `${prefix}${ownerOf(pid)}-`)).catch((cause: NodeJS.ErrnoException) => {
    const problem = `The temporary folder ${tmpDir} cannot be written (${cause.code ?? cause.message}).`;
    throw new BenchError("USAGE", { problem, fix: "Name another one with TMPDIR." }, { cause });
  });
}

/** Removes the folder and its content, as far as it can. */
export async function removeRunTemp(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}
