/** One backend of `list sandboxes`: what it declares, and what was proved of that on this machine. */

import type { Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { floorId } from "../../../contract/sandbox-measurement.ts";
import { terminalText } from "../../../reports/escape.ts";
import { configurationHash } from "../../measure/configuration-hash.ts";
import { limitProofs, type ProvedSandbox } from "../../measure/proof.ts";
import type { CliProcess } from "../cli-process.ts";

/** `proofs` are of this machine; only one of the same version and configuration is this backend's. */
export async function sandboxRow(factory: SandboxFactory, cli: CliProcess, proofs: readonly ProvedSandbox[]) {
  const sandbox = factory({ env: cli.env, platform: cli.platform, now: cli.now, tmpDir: cli.tmpDir, nodePath: cli.nodePath });
  try {
    const availability = await sandbox.available();
    const { title, isolation, control, languages, enforces, bridgeTransport, persists, version, maxSessions, emulates } = sandbox;
    const hash = configurationHash(sandbox);
    const found = proofs.find(({ id, configurationHash: proved }) => id === sandbox.id && proved === hash);
    const proof = found === undefined ? null : proofOf(sandbox, found);
    return {
      ...{ peer: false, title, availability, isolation, control, languages, enforces, bridgeTransport, persists, version },
      ...{ maxSessions, emulates, configurationHash: hash, proof },
      details: details(sandbox, hash, proof, availability.status === "available").map(terminalText),
    };
  } finally {
    await sandbox.dispose();
  }
}

function proofOf({ enforces }: Sandbox, found: ProvedSandbox) {
  const of = (status: ProvedSandbox["checks"][number]["status"]) => found.checks.filter((one) => one.status === status).length;
  return {
    provedAt: found.provedAt,
    limits: limitProofs(enforces, found),
    ...{ checks: found.checks.length, passed: of("passed"), failed: of("failed"), expectedFailures: of("expected-failure") },
  };
}

function details(sandbox: Sandbox, hash: string, proof: ReturnType<typeof proofOf> | null, isHere: boolean): string[] {
  const { isolation, control, languages, enforces, bridgeTransport, persists, version, maxSessions, emulates } = sandbox;
  const { files, globals } = persists;
  const ofSome = languages.length > globals.length ? ` (${globals.join(", ")})` : "";
  const kept = [...(files ? ["files"] : []), ...(globals.length > 0 ? [`globals${ofSome}`] : [])];
  if (languages.length === 0) return [`isolation ${isolation}; ${version}`];
  return [
    `isolation ${isolation}${control ? " (control)" : ""}; ${languages.join(", ")}; tool calls over ${bridgeTransport}`,
    `keeps ${kept.join(" and ") || "nothing"} between programs; ${maxSessions} sessions at most${emulates === null ? "" : `; ${emulates}`}`,
    `${version}, configuration ${hash}`,
    ...(sandbox.id === floorId ? [] : [`limits: ${limitText(enforces, proof)}`]),
    ...(sandbox.id === floorId || (proof === null && !isHere) ? [] : [proofText(sandbox, proof)]),
  ];
}

function limitText(enforces: Sandbox["enforces"], proof: ReturnType<typeof proofOf> | null): string {
  if (enforces.length === 0) return "declares none";
  if (proof === null) return `declares ${enforces.join(", ")}`;
  return enforces
    .map((limit) => `${limit} ${proof.limits[limit] === "no-check" ? "declared, not checked" : proof.limits[limit]}`)
    .join(", ");
}

function proofText({ id }: Sandbox, proof: ReturnType<typeof proofOf> | null): string {
  if (proof === null) return `nothing proved here: mcp-code-bench sandboxes --prove --sandbox ${id}`;
  const undeclared = proof.expectedFailures === 0 ? "" : `, ${proof.expectedFailures} failed of limits that it does not declare`;
  return `${proof.provedAt.slice(0, 10)}: ${proof.passed} of ${proof.checks} checks passed, ${proof.failed} failed${undeclared}`;
}
