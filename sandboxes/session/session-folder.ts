/** The folder on the host that belongs to one session, named after its owner so that it can be swept after a crash. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { ownerIsGone, ownerOf } from "../../bench/types/index.ts";
import { boxFailure } from "../agent/box.ts";

const prefix = (sandbox: string) => `mcp-code-bench_${sandbox}_`;

export interface SessionFolder {
  readonly path: string;
  /** Idempotent; never rejects: what left its process group may still write, and a close must not fail for it. */
  remove(): Promise<void>;
}

/** Only its owner can enter it. Rejects with SANDBOX_UNAVAILABLE. */
export async function sessionFolder(tmpDir: string, sandbox: string): Promise<SessionFolder> {
  let path: string;
  try {
    path = await mkdtemp(join(tmpDir, `${prefix(sandbox)}${ownerOf(pid)}_`));
  } catch (cause) {
    throw boxFailure(sandbox, `its folder below ${tmpDir} cannot be made`, cause);
  }
  return {
    path,
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => undefined),
  };
}

/** Removes folders of sessions whose harness has ended. Never rejects. */
export async function sweepSessionFolders(tmpDir: string, sandbox: string): Promise<void> {
  const names = await readdir(tmpDir).catch(() => []);
  const own = names.filter((name) => name.startsWith(prefix(sandbox)));
  const gone = own.filter((name) => ownerIsGone(name.slice(prefix(sandbox).length).split("_")[0] ?? ""));
  await Promise.all(gone.map((name) => rm(join(tmpDir, name), { recursive: true, force: true }).catch(() => undefined)));
}
