/** Every executor that can run here, by the prover. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath, platform } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../../contract/index.ts";
import { sandboxRegistry } from "../../registry.ts";
import { executorChecks } from "../checks.ts";
import { expectedFailuresOf, knownToFail } from "../expected-failures.ts";
import { prove } from "../prove.ts";
import { executorSubject } from "../subject.ts";
import { executorRegistry } from "./registry.ts";

for (const id of executorRegistry.ids) {
  const tmpDir = mkdtempSync(join(tmpdir(), "executor-test-"));
  const factory = await executorRegistry.load(id);
  const executor = factory({ env: {}, platform, now: () => performance.now(), tmpDir, nodePath: execPath });
  const availability = await executor.available();
  const why = availability.status === "available" ? "" : `, unavailable: ${availability.reason}. ${availability.fix}`;
  describe.skipIf(why !== "")(`executor ${id}${why}`, () => {
    const findings: Finding[] = [];
    beforeAll(async () => {
      for await (const step of prove([executorSubject(executor)], {
        signal: new AbortController().signal,
        now: () => performance.now(),
      }))
        if (step.step === "finding") findings.push(step.finding);
    });
    test.each(executorChecks)("$id: $title", ({ id: check }) => {
      const known = expectedFailuresOf(id).find((failure) => failure.check === check);
      const { verdict, evidence, reason } = findings.find((finding) => finding.check === check) ?? {};
      expect({ verdict, evidence, reason }).toEqual(
        known === undefined
          ? { verdict: "held", evidence: "", reason: null }
          : { verdict: "expected-failure", evidence: expect.stringContaining("wanted: "), reason: known.reason },
      );
    });
  });
  afterAll(async () => {
    await executor.dispose();
    const left = readdirSync(tmpDir);
    rmSync(tmpDir, { recursive: true, force: true });
    expect(left).toEqual([]);
  });
}

test("no executor has the id of a backend: both are named by the same flag", () => {
  expect(executorRegistry.ids.filter((id) => sandboxRegistry.ids.includes(id))).toEqual([]);
});

test("every known failure is of a backend or executor, and names a check that it is asked", () => {
  const checks = executorChecks.map(({ id }) => id);
  expect(knownToFail.filter((id) => ![...executorRegistry.ids, ...sandboxRegistry.ids].includes(id))).toEqual([]);
  for (const id of executorRegistry.ids)
    expect(expectedFailuresOf(id).filter(({ check }) => !checks.includes(check))).toEqual([]);
});
