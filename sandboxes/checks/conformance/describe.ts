/** Runs the conformance checks on one backend under vitest. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath, hrtime, platform } from "node:process";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { ExpectedFailure, Language, Sandbox, SandboxFactory, SandboxHost } from "../../../contract/index.ts";
import { checksOf } from "../checks.ts";
import { failsAsExpected, mistakesIn } from "../expected-failures.ts";
import { missingFor } from "../needs.ts";
import { expectedFailure } from "../prove.ts";
import { type ConformanceCheck, checkPatienceMs } from "./context.ts";
import { openOnce } from "./start.ts";

export type { ExpectedFailure };

/** A backend on this machine with a folder of its own; `dispose` removes both. */
export function testSandbox(factory: SandboxFactory): {
  readonly sandbox: Sandbox;
  readonly host: SandboxHost;
  readonly tmpDir: string;
  dispose(): Promise<void>;
} {
  const tmpDir = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  const host = { env: {}, platform, now: () => Number(hrtime.bigint()) / 1e6, tmpDir, nodePath: execPath };
  const sandbox = factory(host);
  return {
    sandbox,
    host,
    tmpDir,
    async dispose() {
      await sandbox.dispose();
      rmSync(tmpDir, { recursive: true, force: true });
    },
  };
}

/**
 * Registers the tests of every language that the backend has. A backend that this machine cannot run is skipped, and the
 * title says why and what to do; of one that says it can run and opens no session, that alone is reported. A failure that
 * is expected of a limit which the backend declares fails the suite, for then it does not enforce it.
 */
export async function describeConformance(
  factory: SandboxFactory,
  expectedFailures: readonly ExpectedFailure[] = [],
): Promise<void> {
  const { sandbox, dispose } = testSandbox(factory);
  const availability = await sandbox.available();
  await dispose();
  if (availability.status === "unavailable") {
    const why = `${availability.reason}. ${availability.fix}`;
    describe(`${sandbox.id} conformance`, () => test.skip(`unavailable here: ${why}`, () => undefined));
    return;
  }
  for (const language of sandbox.languages) await describeLanguage(factory, language, expectedFailures);

  test(`${sandbox.id}: every expected failure names a check, and none is of a limit that the backend declares`, () => {
    const mistakes = mistakesIn(expectedFailures, sandbox);
    if (mistakes.length > 0) throw new Error(mistakes.join("\n"));
  });
}

async function describeLanguage(
  factory: SandboxFactory,
  language: Language,
  expectedFailures: readonly ExpectedFailure[],
): Promise<void> {
  // A backend of its own: the last check disposes of it.
  const { sandbox, tmpDir, dispose } = testSandbox(factory);
  const canaryFolder = mkdtempSync(join(tmpdir(), "sandbox-canary-"));
  const canaryFile = join(canaryFolder, "canary.txt");
  writeFileSync(canaryFile, randomUUID());
  const context = { sandbox, tmpDir, canaryFile };
  const checks: ConformanceCheck[] = [];
  for (const check of checksOf[language]) if ((await missingFor(check, sandbox)) === undefined) checks.push(check);

  describe(`${sandbox.id} conformance, ${language}`, () => {
    beforeAll(() => openOnce(sandbox, language), checkPatienceMs);
    afterAll(async () => {
      await dispose();
      rmSync(canaryFolder, { recursive: true, force: true });
    });

    for (const check of checks) {
      const expected = expectedFailure(expectedFailures, check.id, language);
      const title = expected === undefined ? check.title : `${check.title} (expected to fail: ${expected.reason})`;
      test(`${check.id}: ${title}`, { timeout: checkPatienceMs }, () =>
        expected === undefined ? check.run(context) : failsAsExpected(check, context),
      );
    }
  });
}
