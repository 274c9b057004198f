/** Runs the conformance checks on one backend under vitest. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath, hrtime, platform } from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import type { Language, Sandbox, SandboxFactory, SandboxHost } from "../../bench/types/index.ts";
import { checksFor, conformanceChecks } from "../conformance.ts";
import type { ConformanceCheck } from "./context.ts";
import { pythonChecks } from "./python/checks.ts";

/** A check that this backend is known to fail, and why. One that passes all the same fails the suite. */
export interface ExpectedFailure {
  readonly check: string;
  /** Absent: in every language that the backend has. */
  readonly language?: Language;
  readonly reason: string;
}

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

const checksOf: Readonly<Record<Language, readonly ConformanceCheck[]>> = { javascript: conformanceChecks, python: pythonChecks };

/**
 * Registers the tests of every language that the backend has. A backend that this machine cannot run is skipped, and the
 * title says why and what to do; a failure that is expected of a limit which the backend declares fails the suite, for
 * then it does not enforce it.
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
  for (const language of sandbox.languages) describeLanguage(factory, language, expectedFailures);

  test(`${sandbox.id}: every expected failure names a check, and none is of a limit that the backend declares`, () => {
    const checks = sandbox.languages.flatMap((language) => checksOf[language]);
    const excusable = checks.filter(({ limit }) => limit === undefined || !sandbox.enforces.includes(limit));
    const ids = excusable.map((check) => check.id);
    expect(expectedFailures.map((failure) => failure.check).filter((id) => !ids.includes(id))).toEqual([]);
  });
}

function describeLanguage(factory: SandboxFactory, language: Language, expectedFailures: readonly ExpectedFailure[]): void {
  // A backend of its own: the last check disposes of it.
  const { sandbox, tmpDir, dispose } = testSandbox(factory);
  const canaryFolder = mkdtempSync(join(tmpdir(), "sandbox-canary-"));
  const canaryFile = join(canaryFolder, "canary.txt");
  writeFileSync(canaryFile, randomUUID());
  const context = { sandbox, tmpDir, canaryFile };

  describe(`${sandbox.id} conformance, ${language}`, () => {
    afterAll(async () => {
      await dispose();
      rmSync(canaryFolder, { recursive: true, force: true });
    });

    for (const check of checksFor(sandbox, checksOf[language])) {
      const expected = expectedFailures.find(
        (failure) => failure.check === check.id && (failure.language ?? language) === language,
      );
      const title = expected === undefined ? check.title : `${check.title} (expected to fail: ${expected.reason})`;
      test(`${check.id}: ${title}`, { timeout: 60_000 }, async () => {
        if (expected === undefined) await check.run(context);
        else await expect(check.run(context)).rejects.toThrow();
      });
    }
  });
}
