/**
 * What was proved of which subject: the findings as `sandboxes --prove` leaves them, and how `list sandboxes` finds them
 * again. A proof holds for the machine, the version and the configuration that it was run on.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type AskedSubject, type EnforcedLimit, type Finding, verdicts } from "../../contract/index.ts";

/** Beside other results, in a folder below `results/`. */
export const PROOF_FILE = "findings.json";
export const PROOF_SCHEMA_VERSION = 3;

const finding = z.object({
  check: z.string(),
  title: z.string(),
  variant: z.string().nullable(),
  language: z.enum(["javascript", "python"]),
  limit: z.enum(["wallTime", "memory", "output", "processes", "disk"]).nullable(),
  verdict: z.enum(verdicts),
  evidence: z.string(),
  reason: z.string().nullable(),
  host: z.object({ stallMs: z.number(), growthBytes: z.number().nullable() }).nullable(),
});
const proof = z.object({
  kind: z.enum(["backend", "executor"]),
  id: z.string(),
  version: z.string(),
  configuration: z.string(),
  /** ISO 8601, UTC. */
  provedAt: z.string(),
  /** `false`: it was interrupted or did not start, so some checks are missing. */
  complete: z.boolean(),
  /** Guests of it hold up the host whenever they compute. */
  sharesHostLoop: z.boolean(),
  findings: z.array(finding),
});
const proofFile = z.object({ schemaVersion: z.literal(PROOF_SCHEMA_VERSION), machine: z.string(), subjects: z.array(proof) });

export type Proof = z.infer<typeof proof>;
export type ProofFile = z.infer<typeof proofFile>;

/** The youngest complete proof of each subject, version and configuration, below `resultsFolder` that is of this machine. */
export async function readProofs(resultsFolder: string, machine: string): Promise<readonly Proof[]> {
  const found = new Map<string, Proof>();
  for (const name of await readdir(resultsFolder).catch(() => [])) {
    const text = await readFile(join(resultsFolder, name, PROOF_FILE), "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const parsed = proofFile.safeParse(jsonOf(text));
    // One of another version, or half of one, proves nothing here.
    if (!parsed.success || parsed.data.machine !== machine) continue;
    for (const one of parsed.data.subjects) {
      const known = found.get(keyOf(one));
      if (one.complete && (known === undefined || known.provedAt < one.provedAt)) found.set(keyOf(one), one);
    }
  }
  return [...found.values()];
}

/** The proof of exactly this subject. */
export const proofOf = (proofs: readonly Proof[], subject: AskedSubject): Proof | undefined =>
  proofs.find((one) => keyOf(one) === keyOf(subject));

const keyOf = ({ kind, id, version, configuration }: AskedSubject) => JSON.stringify([kind, id, version, configuration]);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What checks say of one declared limit. `no-check`: no check tries it. */
export type LimitProof = "proved" | "failed" | "no-check";

/** Each declared limit is proved only if every check of it was put and held. */
export function limitProofs(
  enforces: readonly EnforcedLimit[],
  findings: readonly Pick<Finding, "limit" | "verdict">[],
): { readonly [L in EnforcedLimit]?: LimitProof } {
  return Object.fromEntries(
    enforces.map((limit) => {
      const own = findings.filter((one) => one.limit === limit);
      const state = own.length === 0 ? "no-check" : own.every(({ verdict }) => verdict === "held") ? "proved" : "failed";
      return [limit, state];
    }),
  );
}

/** `attacked, the host was held up for 812 ms at most (huge-inputs), and grew by 35 MiB at most (long-names)`; `undefined`: it was not. */
export function attackedText({ findings, sharesHostLoop }: Pick<Proof, "findings" | "sharesHostLoop">): string | undefined {
  const attacks = findings.flatMap(({ check, host }) =>
    host === null ? [] : [{ check, ...host, growth: host.growthBytes ?? -1 }],
  );
  const worst = (by: "stallMs" | "growth") => attacks.toSorted((a, b) => b[by] - a[by])[0];
  const [longest, largest] = [worst("stallMs"), worst("growth")];
  if (longest === undefined || largest === undefined) return undefined;
  const exempt = sharesHostLoop ? ", whose thread it shares," : "";
  const growth = largest.growthBytes === null ? "its growth is not known here" : grewBy(largest.growthBytes, largest.check);
  return `attacked, the host${exempt} was held up for ${Math.round(longest.stallMs)} ms at most (${longest.check}); ${growth}`;
}

const grewBy = (bytes: number, check: string) => `it grew by ${Math.round(bytes / 2 ** 20)} MiB at most (${check})`;

/** `47 of 49 checks held, 0 failed, 2 unsupported`. A verdict that is not there is left out, but for failures. */
export function countsText(findings: readonly Pick<Finding, "verdict">[]): string {
  const count = (verdict: Finding["verdict"]) => findings.filter((one) => one.verdict === verdict).length;
  const others = (["expected-failure", "escaped", "contained", "inconclusive", "census", "unsupported", "unproven"] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict === "expected-failure" ? "failed as expected" : verdict}`);
  return [`${count("held")} of ${findings.length} checks held`, `${count("failed")} failed`, ...others].join(", ");
}
