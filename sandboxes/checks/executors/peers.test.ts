/** The core suite over every peer that can run here. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath, platform } from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { sandboxRegistry } from "../../registry.ts";
import { peerChecks, peerExpectedFailures, runPeerCheck } from "./checks.ts";
import { peerRegistry } from "./registry.ts";

const now = () => performance.now();

for (const id of peerRegistry.ids) {
  const tmpDir = mkdtempSync(join(tmpdir(), "peer-test-"));
  const factory = await peerRegistry.load(id);
  const peer = factory({ env: {}, platform, now, tmpDir, nodePath: execPath });
  const availability = await peer.available();
  const why = availability.status === "available" ? "" : `, unavailable: ${availability.reason}. ${availability.fix}`;
  describe.skipIf(why !== "")(`peer ${id}${why}`, () => {
    test.each(peerChecks)("$id: $title", async (check) => {
      const { passed, found } = await runPeerCheck(peer, check, now);
      const expectedFailure = peerExpectedFailures[id]?.[check.id];
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
  expect(peerRegistry.ids.filter((id) => sandboxRegistry.ids.includes(id))).toEqual([]);
});

test("every expected failure names a peer and a check", () => {
  const checks = peerChecks.map(({ id }) => id);
  for (const [peer, failures] of Object.entries(peerExpectedFailures)) {
    expect(peerRegistry.ids).toContain(peer);
    expect(Object.keys(failures).filter((check) => !checks.includes(check))).toEqual([]);
  }
});
