/** What is asked of a backend before any check: whether a session opens. Of one that cannot start, every check would say the same. */
import { isBenchError, type Language, type Sandbox } from "../../../contract/index.ts";
import { files, memoryBytes } from "./context.ts";
import { pythonFiles } from "./python/context.ts";

/** Rejects with the backend's reason. */
export async function openOnce(sandbox: Sandbox, language: Language): Promise<void> {
  try {
    const session = await sandbox.open({ language, files: language === "python" ? pythonFiles : files, memoryBytes });
    await session.close();
  } catch (cause) {
    throw new Error(`no session opens: ${problemText(cause)}`, { cause });
  }
}

/** Without the fix of SANDBOX_UNAVAILABLE, which is to leave the backend out: its author cannot. */
export function problemText(error: unknown): string {
  if (isBenchError(error, "SANDBOX_UNAVAILABLE")) return error.details.reason;
  return error instanceof Error ? error.message : String(error);
}
