/** One executor of another project in `list sandboxes`: whether it can run, and what was proved of it on this machine. */

import type { ExecutorFactory } from "../../../contract/index.ts";
import { terminalText } from "../../../reports/escape.ts";
import { executorExpectedFailures } from "../../../sandboxes/checks/executors/checks.ts";
import type { ProvedPeer } from "../../measure/proof.ts";
import type { CliProcess } from "../cli-process.ts";

/** Above their lines in every command. */
export const peersTitle = "Executors of other projects (not backends: one program, tools, a result)";

/** `proofs` are of this machine; only one of the same version is this peer's. */
export async function peerRow(factory: ExecutorFactory, cli: CliProcess, proofs: readonly ProvedPeer[]) {
  const peer = factory({ env: cli.env, platform: cli.platform, now: cli.now, tmpDir: cli.tmpDir, nodePath: cli.nodePath });
  try {
    const { id, title, version } = peer;
    const availability = await peer.available();
    const expectedFailures = Object.entries(executorExpectedFailures[id] ?? {}).map(([check, reason]) => ({ check, reason }));
    const found = proofs.find((proof) => proof.id === id && proof.version === version);
    const proof = found === undefined ? null : proofOf(found);
    const details = [
      version,
      ...(proof === null
        ? [
            ...(availability.status === "available"
              ? [`nothing proved here: mcp-code-bench sandboxes --prove --sandbox ${id}`]
              : []),
            ...expectedFailures.map(({ check, reason }) => `expected to miss ${check}: ${reason}`),
          ]
        : proofLines(proof)),
    ];
    return { peer: true, title, availability, version, expectedFailures, proof, details: details.map(terminalText) };
  } finally {
    await peer.dispose();
  }
}

function proofOf({ provedAt, checks }: ProvedPeer) {
  const of = (status: ProvedPeer["checks"][number]["status"]) => checks.filter((check) => check.status === status);
  return {
    ...{ provedAt, checks: checks.length, kept: of("passed").map(({ id }) => id) },
    missed: of("expected-failure").map(({ id, reason }) => ({ check: id, reason: reason ?? "" })),
    ...{ failed: of("failed").map(({ id }) => id), unexpectedPasses: of("unexpected-pass").map(({ id }) => id) },
  };
}

function proofLines({ provedAt, checks, kept, missed, failed, unexpectedPasses }: ReturnType<typeof proofOf>): string[] {
  return [
    `${provedAt.slice(0, 10)}: ${kept.length} of ${checks} checks kept, ${missed.length} missed as expected, ${failed.length} failed`,
    ...(kept.length === 0 ? [] : [`kept: ${kept.join(", ")}`]),
    ...missed.map(({ check, reason }) => `misses ${check}, as expected: ${reason}`),
    ...(failed.length === 0 ? [] : [`failed: ${failed.join(", ")}`]),
    ...(unexpectedPasses.length === 0 ? [] : [`kept against expectation: ${unexpectedPasses.join(", ")}`]),
  ];
}
