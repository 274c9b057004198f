/** Runs the conformance checks on one backend outside a test runner, and says how each ended. */
import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EnforcedLimit, Language, SandboxFactory, SandboxHost } from "../../bench/types/index.ts";
import { checksFor, conformanceChecks } from "../conformance.ts";
import type { ConformanceCheck } from "./context.ts";
import { pythonChecks } from "./python/checks.ts";

/** Milliseconds for one check, as in the tests. */
const patienceMs = 60_000;

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

const checksOf: Readonly<Record<Language, readonly ConformanceCheck[]>> = { javascript: conformanceChecks, python: pythonChecks };

/**
 * Yields one result a check, of every language that the backend has; each language gets a backend of its own, since the
 * last check disposes of it. `folder` is an existing one for this alone. Whoever stops early leaves nothing running.
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
      for (const check of checksFor(sandbox, checksOf[language])) {
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
  const timer = setTimeout(() => late.resolve(`it did not end in ${patienceMs} ms`), patienceMs);
  const ended = check.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  try {
    return await Promise.race([ended, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
