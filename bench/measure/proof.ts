/**
 * What was proved of which backend or peer: the results of the checks as `sandboxes --prove` leaves them, and how
 * `list sandboxes` finds them again. A proof holds for the machine, the version and the configuration that it was run on.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { EnforcedLimit, Sandbox } from "../../contract/index.ts";

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
/** An executor of another project, by the core suite that all of them are asked. */
const provedPeer = z.object({
  id: z.string(),
  version: z.string(),
  /** ISO 8601, UTC. */
  provedAt: z.string(),
  complete: z.boolean(),
  checks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      status: z.enum(["passed", "failed", "expected-failure", "unexpected-pass"]),
      message: z.string().nullable(),
      /** Why it was expected to miss the check. */
      reason: z.string().nullable(),
    }),
  ),
});
const proofFile = z.object({
  schemaVersion: z.literal(PROOF_SCHEMA_VERSION),
  machine: z.string(),
  sandboxes: z.array(provedSandbox),
  // Files from before there were peers hold as they are.
  peers: z.array(provedPeer).default([]),
});

export type ProvedSandbox = z.infer<typeof provedSandbox>;
export type ProvedPeer = z.infer<typeof provedPeer>;
export type ProofFile = z.infer<typeof proofFile>;

export interface Proofs {
  readonly sandboxes: readonly ProvedSandbox[];
  readonly peers: readonly ProvedPeer[];
}

/**
 * The youngest complete proof of each backend and configuration, and of each peer and version, below `resultsFolder`
 * that is of this machine.
 */
export async function readProofs(resultsFolder: string, machine: string): Promise<Proofs> {
  const files: ProofFile[] = [];
  for (const name of await readdir(resultsFolder).catch(() => [])) {
    const text = await readFile(join(resultsFolder, name, PROOF_FILE), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const parsed = proofFile.safeParse(jsonOf(text));
    // One of another version, or half of one, proves nothing here.
    if (parsed.success && parsed.data.machine === machine) files.push(parsed.data);
  }
  return {
    sandboxes: youngest(
      files.flatMap(({ sandboxes }) => sandboxes),
      ({ id, configurationHash }) => [id, configurationHash],
    ),
    peers: youngest(
      files.flatMap(({ peers }) => peers),
      ({ id, version }) => [id, version],
    ),
  };
}

/** Of the complete ones with the same key. */
function youngest<T extends { readonly provedAt: string; readonly complete: boolean }>(
  proofs: readonly T[],
  keyOf: (proof: T) => readonly string[],
): readonly T[] {
  const found = new Map<string, T>();
  for (const proof of proofs) {
    const key = JSON.stringify(keyOf(proof));
    const known = found.get(key);
    if (proof.complete && (known === undefined || known.provedAt < proof.provedAt)) found.set(key, proof);
  }
  return [...found.values()];
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
