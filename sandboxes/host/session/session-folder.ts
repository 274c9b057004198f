/** The folder on the host that belongs to one session. It lies in the run's own folder, which is swept after a crash. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { boxFailure } from "../runner/box.ts";

export interface SessionFolder {
  readonly path: string;
  /** Idempotent; never rejects: a process that left its group may still write, and a close must not fail for that. */
  remove(): Promise<void>;
}

/** Made below `tmpDir` for one session, whose box removes it. Only its owner can enter it. Rejects with SANDBOX_UNAVAILABLE. */
export async function sessionFolder(tmpDir: string, sandbox: string): Promise<SessionFolder> {
  try {
    const path = await mkdtemp(join(tmpDir, `${sandbox}-`));
    return {
      path,
      remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => undefined),
    };
  } catch (cause) {
    throw boxFailure(sandbox, `its folder below ${tmpDir} cannot be made`, cause);
  }
}
