/** The proving half of `sandboxes`: runs the conformance checks, and the peers' own suite, and leaves their results for `list sandboxes`. */
import { mkdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { terminalText } from "../../../reports/escape.ts";
import { prove, startCheck } from "../../../sandboxes/checks/conformance/prove.ts";
import { provePeer } from "../../../sandboxes/checks/executors/prove.ts";
import { configurationHash } from "../../measure/configuration-hash.ts";
import {
  limitProofs,
  PROOF_FILE,
  PROOF_SCHEMA_VERSION,
  type ProofFile,
  type ProvedPeer,
  type ProvedSandbox,
} from "../../measure/proof.ts";
import { makeRunFolder, writeWhole } from "../../records/record.ts";
import { machineMark } from "../about-machine.ts";
import type { CliProcess } from "../cli-process.ts";
import { peersTitle } from "./peer-row.ts";
import type { ChosenSandboxes } from "./sandbox-choice.ts";

export interface ProveOptions {
  readonly cli: CliProcess;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly outDir: string;
  readonly tmpDir: string;
  readonly chosen: ChosenSandboxes;
  readonly signal: AbortSignal;
}

/**
 * Whether a check failed that the backend or peer should pass, or a peer passed one that it is known to miss. The file is
 * written anew after each of them.
 */
export async function proveAll(options: ProveOptions): Promise<boolean> {
  const { cli, json, outDir, chosen } = options;
  await makeRunFolder(outDir);
  const sandboxes: ProvedSandbox[] = [];
  const peers: ProvedPeer[] = [];
  const file: ProofFile = { schemaVersion: PROOF_SCHEMA_VERSION, machine: machineMark(), sandboxes, peers };
  const setting: Setting = {
    ...options,
    say(line) {
      if (!json) cli.stdout.write(`${terminalText(line)}\n`);
    },
    write: () => writeWhole(join(outDir, PROOF_FILE), `${JSON.stringify(file, null, 2)}\n`),
  };
  await proveSandboxes(sandboxes, setting);
  if (!json && chosen.executors.available.length + chosen.executors.unavailable.length > 0) cli.stdout.write(`\n${peersTitle}\n`);
  await provePeers(peers, setting);
  if (json) cli.stdout.write(`${JSON.stringify(file, null, 2)}\n`);
  else cli.stdout.write(`\n${writtenText(cli.cwd, outDir, [...sandboxes, ...peers])}\n`);
  return (
    sandboxes.some(({ checks }) => checks.some(({ status }) => status === "failed")) ||
    peers.some(({ checks }) => checks.some(({ status }) => status === "failed" || status === "unexpected-pass"))
  );
}

/** Where the file is, and whether `list sandboxes`, which reads complete proofs below `results/`, finds it there. */
function writtenText(cwd: string, outDir: string, proofs: readonly { readonly complete: boolean }[]): string {
  if (proofs.length === 0) return "Nothing was proved, and nothing written.";
  const written = `Written: ${relative(cwd, join(outDir, PROOF_FILE))}.`;
  if (dirname(outDir) !== join(cwd, "results")) return `${written} mcp-code-bench list sandboxes looks below results/ alone.`;
  return proofs.some(({ complete }) => complete) ? `${written} mcp-code-bench list sandboxes shows it.` : written;
}

interface Setting extends ProveOptions {
  /** One line, escaped here; nothing under `--json`. */
  say(line: string): void;
  /** Everything that is proved so far. */
  write(): Promise<void>;
}

async function proveSandboxes(
  proofs: ProvedSandbox[],
  { cli, quiet, tmpDir, chosen, signal, say, write }: Setting,
): Promise<void> {
  const { env, platform, now, nodePath } = cli;
  for (const { id, reason, fix } of chosen.unavailable) say(`${id}: not available: ${reason}. ${fix}`);
  for (const { id, factory, sandbox } of chosen.available) {
    if (signal.aborted) break;
    if (!quiet) cli.stderr.write(`Checking ${terminalText(id)}.\n`);
    const folder = join(tmpDir, `prove-${id}`);
    await mkdir(folder);
    const checks: ProvedSandbox["checks"] = [];
    let complete = true;
    for await (const result of prove(factory, { env, platform, now, nodePath }, folder)) {
      checks.push(result);
      if (result.status === "failed") {
        say(`  ${result.id} (${result.language}) failed: ${result.title}`);
        say(`    ${result.message ?? ""}`);
      }
      complete = !signal.aborted && result.id !== startCheck.id;
      if (signal.aborted) break;
    }
    const about = { id, version: sandbox.version, configurationHash: configurationHash(sandbox) };
    const proof: ProvedSandbox = { ...about, provedAt: cli.date().toISOString(), complete, checks };
    proofs.push(proof);
    await write();
    say(proofLine(proof, sandbox.enforces));
  }
}

async function provePeers(proofs: ProvedPeer[], { cli, quiet, chosen, signal, say, write }: Setting): Promise<void> {
  for (const { id, reason, fix } of chosen.executors.unavailable) say(`${id}: not available: ${reason}. ${fix}`);
  for (const peer of chosen.executors.available) {
    if (signal.aborted) break;
    if (!quiet) cli.stderr.write(`Checking ${terminalText(peer.id)}.\n`);
    const checks: ProvedPeer["checks"] = [];
    let complete = true;
    for await (const result of provePeer(peer, cli.now)) {
      checks.push(result);
      complete = !signal.aborted;
      if (signal.aborted) break;
    }
    const proof: ProvedPeer = { id: peer.id, version: peer.version, provedAt: cli.date().toISOString(), complete, checks };
    proofs.push(proof);
    await write();
    for (const line of peerProofLines(proof)) say(line);
  }
}

function peerProofLines({ id, version, complete, checks }: ProvedPeer): string[] {
  const of = (status: ProvedPeer["checks"][number]["status"]) => checks.filter((one) => one.status === status);
  const [missed, failed, unexpected] = [of("expected-failure"), of("failed"), of("unexpected-pass")];
  const counts = [
    `${of("passed").length} of ${checks.length} checks kept`,
    `${missed.length} missed as expected`,
    `${failed.length} failed`,
    ...(unexpected.length === 0 ? [] : [`${unexpected.length} kept against expectation`]),
    ...(complete ? [] : ["interrupted, so it proves nothing"]),
  ];
  return [
    `${id} (${version}): ${counts.join(", ")}`,
    ...missed.map((check) => `  ${check.id} missed, as expected: ${check.reason ?? ""}`),
    ...failed.map((check) => `  ${check.id} failed: ${check.message ?? ""}`),
    ...unexpected.map(
      (check) => `  ${check.id} kept, where this was expected: ${check.reason ?? ""}. Take it off the known failures`,
    ),
  ];
}

function proofLine(proof: ProvedSandbox, enforces: Parameters<typeof limitProofs>[0]): string {
  const of = (status: ProvedSandbox["checks"][number]["status"]) => proof.checks.filter((one) => one.status === status).length;
  if (proof.checks.at(-1)?.id === startCheck.id) return `${proof.id}: no session opens, so nothing is proved of it`;
  const limits = Object.entries(limitProofs(enforces, proof)).map(([limit, state]) => `${limit} ${state}`);
  return [
    `${proof.id}: ${of("passed")} of ${proof.checks.length} checks passed, ${of("failed")} failed`,
    ...(of("expected-failure") === 0 ? [] : [`${of("expected-failure")} failed of limits that it does not declare`]),
    ...(proof.complete ? [] : ["interrupted, so it proves nothing"]),
    `declares: ${limits.join(", ") || "no limit"}`,
  ].join("; ");
}
