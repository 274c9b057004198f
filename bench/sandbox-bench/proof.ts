/**
 * What was proved of which backend: the results of the conformance checks as `sandboxes --prove` leaves them, and how
 * `list sandboxes` finds them again. A proof holds for the machine, the version and the configuration that it was run on.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { EnforcedLimit, Sandbox } from "../types/index.ts";

/** Beside other results, in a folder below `results/`. */
export const PROOF_FILE = "conformance.json";
export const PROOF_SCHEMA_VERSION = 1;

const provedCheck = z.object({
  id: z.string(),
  title: z.string(),
  language: z.string(),
  limit: z.string().nullable(),
  status: z.enum(["passed", "failed", "expected-failure"]),
  message: z.string().nullable(),
});
const provedSandbox = z.object({
  id: z.string(),
  version: z.string(),
  configurationHash: z.string(),
  /** ISO 8601, UTC. */
  provedAt: z.string(),
  /** `false`: it was interrupted, so some checks are missing. */
  complete: z.boolean(),
  checks: z.array(provedCheck),
});
const proofFile = z.object({
  schemaVersion: z.literal(PROOF_SCHEMA_VERSION),
  machine: z.string(),
  sandboxes: z.array(provedSandbox),
});

export type ProvedSandbox = z.infer<typeof provedSandbox>;
export type ProofFile = z.infer<typeof proofFile>;

/** The youngest complete proof of each backend and configuration below `resultsFolder` that is of this machine. */
export async function readProofs(resultsFolder: string, machine: string): Promise<readonly ProvedSandbox[]> {
  const youngest = new Map<string, ProvedSandbox>();
  for (const name of await readdir(resultsFolder).catch(() => [])) {
    const text = await readFile(join(resultsFolder, name, PROOF_FILE), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const parsed = proofFile.safeParse(jsonOf(text));
    // One of another version, or half of one, proves nothing here.
    if (!parsed.success || parsed.data.machine !== machine) continue;
    for (const proof of parsed.data.sandboxes) {
      const key = JSON.stringify([proof.id, proof.configurationHash]);
      const known = youngest.get(key);
      if (proof.complete && (known === undefined || known.provedAt < proof.provedAt)) youngest.set(key, proof);
    }
  }
  return [...youngest.values()];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What checks say of one declared limit. `no-check`: none is of it. */
export type LimitProof = "proved" | "failed" | "no-check";

/** Each declared limit is proved only if every check of it was run and passed. */
export function limitProofs(
  enforces: Sandbox["enforces"],
  { checks }: Pick<ProvedSandbox, "checks">,
): { readonly [L in EnforcedLimit]?: LimitProof } {
  return Object.fromEntries(
    enforces.map((limit) => {
      const own = checks.filter((check) => check.limit === limit);
      const proof = own.length === 0 ? "no-check" : own.every(({ status }) => status === "passed") ? "proved" : "failed";
      return [limit, proof];
    }),
  );
}
