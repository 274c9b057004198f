/** One backend of `list sandboxes`: what it declares, and what was proved of that on this machine. */

import type { Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { floorId } from "../../../contract/sandbox-measurement.ts";
import { terminalText } from "../../../reports/escape.ts";
import { configurationHash } from "../../../sandboxes/checks/configuration-hash.ts";
import { expectedFailuresOf } from "../../../sandboxes/checks/expected-failures.ts";
import { limitProofs, type Proof, proofOf } from "../../measure/proof.ts";
import type { CliProcess } from "../cli-process.ts";
import { proved, provedLines } from "./proved.ts";

export async function sandboxRow(factory: SandboxFactory, cli: CliProcess, proofs: readonly Proof[]) {
  const sandbox = factory({ env: cli.env, platform: cli.platform, now: cli.now, tmpDir: cli.tmpDir, nodePath: cli.nodePath });
  try {
    const availability = await sandbox.available();
    const { id, title, isolation, control, languages, enforces, bridgeTransport, persists, version, maxSessions, emulates } =
      sandbox;
    const sharesHostLoop = sandbox.sharesHostLoop === true;
    const subject = { kind: "backend", id, version, configuration: configurationHash(sandbox) } as const;
    const found = proofOf(proofs, subject);
    const limits = found === undefined ? null : limitProofs(enforces, found.findings);
    const proof = proved(proofs, subject);
    const expectedFailures = expectedFailuresOf(id);
    const available = availability.status === "available";
    const lines = [
      ...details(sandbox, subject.configuration, limits),
      ...(id === floorId ? [] : provedLines(subject, proof, { available, expectedFailures })),
    ];
    return {
      ...{ kind: subject.kind, title, availability, isolation, control, languages, enforces, bridgeTransport, persists, version },
      ...{ maxSessions, emulates, sharesHostLoop, egress: sandbox.egress === true },
      ...{ configuration: subject.configuration, expectedFailures },
      proof: proof === null ? null : { ...proof, limits },
      details: lines.map(terminalText),
    };
  } finally {
    await sandbox.dispose();
  }
}

type Limits = ReturnType<typeof limitProofs>;

function details(sandbox: Sandbox, configuration: string, limits: Limits | null): string[] {
  const { isolation, control, languages, enforces, bridgeTransport, persists, version, maxSessions, emulates, egress } = sandbox;
  const { files, globals } = persists;
  const ofSome = languages.length > globals.length ? ` (${globals.join(", ")})` : "";
  const kept = [...(files ? ["files"] : []), ...(globals.length > 0 ? [`globals${ofSome}`] : [])];
  if (languages.length === 0) return [`isolation ${isolation}; ${version}`];
  return [
    `isolation ${isolation}${control ? " (control)" : ""}; ${languages.join(", ")}; tool calls over ${bridgeTransport}${egress === true ? "; egress by grants" : ""}`,
    `keeps ${kept.join(" and ") || "nothing"} between programs; ${maxSessions} sessions at most${emulates === null ? "" : `; ${emulates}`}`,
    `${version}, configuration ${configuration}`,
    ...(sandbox.sharesHostLoop === true
      ? ["on the host's own thread: a guest that computes holds up the host and its deadlines"]
      : []),
    ...(sandbox.id === floorId ? [] : [`limits: ${limitText(enforces, limits)}`]),
  ];
}

function limitText(enforces: Sandbox["enforces"], limits: Limits | null): string {
  if (enforces.length === 0) return "declares none";
  if (limits === null) return `declares ${enforces.join(", ")}`;
  return enforces.map((limit) => `${limit} ${limits[limit] === "no-check" ? "declared, not checked" : limits[limit]}`).join(", ");
}
