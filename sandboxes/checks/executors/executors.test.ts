/** The core suite over every peer that can run here. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath, platform } from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { sandboxRegistry } from "../../registry.ts";
import { executorChecks, executorExpectedFailures, runPeerCheck } from "./checks.ts";
import { executorRegistry } from "./registry.ts";

const now = () => performance.now();

for (const id of executorRegistry.ids) {
  const tmpDir = mkdtempSync(join(tmpdir(), "peer-test-"));
  const factory = await executorRegistry.load(id);
  const peer = factory({ env: {}, platform, now, tmpDir, nodePath: execPath });
  const availability = await peer.available();
  const why = availability.status === "available" ? "" : `, unavailable: ${availability.reason}. ${availability.fix}`;
  describe.skipIf(why !== "")(`peer ${id}${why}`, () => {
    test.each(executorChecks)("$id: $title", async (check) => {
      const { passed, found } = await runPeerCheck(peer, check, now);
      const expectedFailure = executorExpectedFailures[id]?.[check.id];
      expect({ passed, found: passed ? "" : found }).toEqual(
        expectedFailure === undefined ? { passed: true, found: "" } : { passed: false, found: expect.any(String) },
      );
    });
  });
  afterAll(async () => {
    await peer.dispose();
    const left = readdirSync(tmpDir);
    rmSync(tmpDir, { recursive: true, force: true });
    expect(left).toEqual([]);
  });
}

test("no peer has the id of a backend: both are named by the same flag", () => {
  expect(executorRegistry.ids.filter((id) => sandboxRegistry.ids.includes(id))).toEqual([]);
});

test("every expected failure names a peer and a check", () => {
  const checks = executorChecks.map(({ id }) => id);
  for (const [peer, failures] of Object.entries(executorExpectedFailures)) {
    expect(executorRegistry.ids).toContain(peer);
    expect(Object.keys(failures).filter((check) => !checks.includes(check))).toEqual([]);
  }
});
