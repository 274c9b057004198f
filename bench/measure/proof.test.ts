import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  attackedText,
  countsText,
  limitProofs,
  PROOF_FILE,
  PROOF_SCHEMA_VERSION,
  type Proof,
  proofOf,
  readProofs,
} from "./proof.ts";

const results = mkdtempSync(join(tmpdir(), "proofs-"));
afterAll(() => rmSync(results, { recursive: true, force: true }));

const subject = { kind: "backend", id: "one", version: "1", configuration: "0123456789ab" } as const;
const proof = (provedAt: string, own: Partial<Proof> = {}): Proof => ({
  ...subject,
  ...{ provedAt, complete: true, sharesHostLoop: false, findings: [] },
  ...own,
});

function written(name: string, content: object | string): void {
  mkdirSync(join(results, name));
  writeFileSync(join(results, name, PROOF_FILE), typeof content === "string" ? content : JSON.stringify(content));
}

test("only the youngest complete proof of this machine, version and configuration counts", async () => {
  const file = (...subjects: readonly Proof[]) => ({ schemaVersion: PROOF_SCHEMA_VERSION, machine: "here", subjects });
  written("old", file(proof("2025-01-01T00:00:00.000Z")));
  written("young", file(proof("2025-03-01T00:00:00.000Z"), proof("2025-01-01T00:00:00.000Z", { version: "2" })));
  written("middle", file(proof("2025-02-01T00:00:00.000Z")));
  written("interrupted", file(proof("2025-05-01T00:00:00.000Z", { complete: false })));
  written("elsewhere", { ...file(proof("2025-06-01T00:00:00.000Z")), machine: "there" });
  written("earlier-schema", { ...file(proof("2025-07-01T00:00:00.000Z")), schemaVersion: 1 });
  written("torn", "{");
  mkdirSync(join(results, "no-proof"));
  const proofs = await readProofs(results, "here");
  expect(proofs).toHaveLength(2);
  expect(proofOf(proofs, subject)?.provedAt).toBe("2025-03-01T00:00:00.000Z");
  expect(proofOf(proofs, { ...subject, version: "2" })?.provedAt).toBe("2025-01-01T00:00:00.000Z");
  for (const other of [{ version: "3" }, { configuration: "x" }, { kind: "executor" }, { id: "two" }] as const)
    expect(proofOf(proofs, { ...subject, ...other })).toBeUndefined();
  expect(await readProofs(join(results, "none"), "here")).toEqual([]);
});

test("every verdict that came is counted in words, and failures always", () => {
  const of = (...verdicts: readonly Proof["findings"][number]["verdict"][]) =>
    countsText(verdicts.map((verdict) => ({ verdict })));
  expect(of("held", "held")).toBe("2 of 2 checks held, 0 failed");
  expect(of("held", "failed", "expected-failure", "escaped", "contained", "inconclusive", "unsupported", "unproven")).toBe(
    "1 of 8 checks held, 1 failed, 1 failed as expected, 1 escaped, 1 contained, 1 inconclusive, 1 unsupported, 1 unproven",
  );
});

test("a declared limit is proved only if every check of it held", () => {
  const findings = [
    { limit: "wallTime", verdict: "held" },
    { limit: "memory", verdict: "held" },
    { limit: "memory", verdict: "failed" },
    { limit: "output", verdict: "unsupported" },
  ] as const;
  expect(limitProofs(["wallTime", "memory", "output", "disk"], findings)).toEqual({
    wallTime: "proved",
    memory: "failed",
    output: "failed",
    disk: "no-check",
  });
});

test("of all attacks the longest stall and the largest growth are told, each with its check", () => {
  const of = (...hosts: readonly Proof["findings"][number]["host"][]) =>
    hosts.map((host, n): Proof["findings"][number] => ({
      ...{ check: `attack-${n}`, title: "", variant: null, language: "javascript", limit: null },
      ...{ verdict: "held", evidence: "", reason: null, host },
    }));
  const findings = of(null, { stallMs: 812.4, growthBytes: 2 ** 20 }, { stallMs: 3, growthBytes: 35.2 * 2 ** 20 });
  expect(attackedText({ findings, sharesHostLoop: false })).toBe(
    "attacked, the host was held up for 812 ms at most (attack-1); it grew by 35 MiB at most (attack-2)",
  );
  expect(attackedText({ findings: of({ stallMs: 1, growthBytes: null }), sharesHostLoop: true })).toBe(
    "attacked, the host, whose thread it shares, was held up for 1 ms at most (attack-0); its growth is not known here",
  );
  expect(attackedText({ findings: of(null), sharesHostLoop: false })).toBeUndefined();
});
