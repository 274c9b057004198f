/** Runs the conformance checks on one backend outside a test runner, and says how each ended. */
import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EnforcedLimit, Language, SandboxFactory, SandboxHost } from "../../../contract/index.ts";
import { checksFor } from "./checks.ts";
import { checkPatienceMs } from "./context.ts";
import { openOnce, problemText } from "./start.ts";

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly language: Language;
  /** The limit that it tries to break; `null`: none. */
  readonly limit: EnforcedLimit | null;
  /** `expected-failure`: it failed, and it is of a limit that the backend does not declare. */
  readonly status: "passed" | "failed" | "expected-failure";
  /** Why it failed; may quote a guest. */
  readonly message: string | null;
}

/** Of the one result, always `failed`, of a backend that opens no session: no check could tell anything of it. */
export const startCheck = { id: "start", title: "a session opens" } as const;

/**
 * Yields one result a check, of every language that the backend has; each language gets a backend of its own, since the
 * last check disposes of it. Where no session opens, that is the last result (`startCheck`). `folder` is an existing one for
 * this alone. Whoever stops early leaves nothing running.
 */
export async function* prove(
  factory: SandboxFactory,
  host: Omit<SandboxHost, "tmpDir">,
  folder: string,
): AsyncGenerator<CheckResult> {
  const { languages, dispose } = factory({ ...host, tmpDir: folder });
  await dispose();
  const canaryFile = join(folder, "canary.txt");
  await writeFile(canaryFile, randomUUID());
  for (const language of languages) {
    const tmpDir = join(folder, language);
    await mkdir(tmpDir);
    const sandbox = factory({ ...host, tmpDir });
    try {
      const cannotStart = await problemOf(openOnce(sandbox, language));
      if (cannotStart !== null) {
        yield { ...startCheck, language, limit: null, status: "failed", message: cannotStart };
        return;
      }
      for (const check of checksFor(sandbox, language)) {
        const problem = await problemOf(check.run({ sandbox, tmpDir, canaryFile }));
        const limit = check.limit ?? null;
        const declared = limit === null || sandbox.enforces.includes(limit);
        const status = problem === null ? "passed" : declared ? "failed" : "expected-failure";
        yield { id: check.id, title: check.title, language, limit, status, message: problem };
      }
    } finally {
      await sandbox.dispose();
      await rm(tmpDir, { recursive: true, force: true });
    }
  }
}

async function problemOf(check: Promise<void>): Promise<string | null> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`it did not end in ${checkPatienceMs} ms`), checkPatienceMs);
  const ended = check.then(() => null, problemText);
  try {
    return await Promise.race([ended, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
