/** The proving half of `sandboxes`: runs the conformance checks and leaves their results for `list sandboxes`. */
import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { terminalText } from "../../reports/escape.ts";
import { prove } from "../../sandboxes/conformance/prove.ts";
import type { CliProcess } from "../cli-process.ts";
import { makeRunFolder, writeWhole } from "../record.ts";
import { configurationHash } from "../sandbox-bench/configuration-hash.ts";
import { limitProofs, PROOF_FILE, PROOF_SCHEMA_VERSION, type ProofFile, type ProvedSandbox } from "../sandbox-bench/proof.ts";
import { machineMark } from "./about-machine.ts";
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

/** Whether a check failed that the backend should pass. The file is written anew after each backend. */
export async function proveAll({ cli, json, quiet, outDir, tmpDir, chosen, signal }: ProveOptions): Promise<boolean> {
  const say = (line: string) => {
    if (!json) cli.stdout.write(`${terminalText(line)}\n`);
  };
  const { env, platform, now, nodePath } = cli;
  await makeRunFolder(outDir);
  const proofs: ProvedSandbox[] = [];
  const file: ProofFile = { schemaVersion: PROOF_SCHEMA_VERSION, machine: machineMark(), sandboxes: proofs };
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
      if (result.status === "failed") say(`  ${result.id} (${result.language}) failed: ${result.message ?? ""}`);
      complete = !signal.aborted;
      if (signal.aborted) break;
    }
    const about = { id, version: sandbox.version, configurationHash: configurationHash(sandbox) };
    const proof: ProvedSandbox = { ...about, provedAt: cli.date().toISOString(), complete, checks };
    proofs.push(proof);
    await writeWhole(join(outDir, PROOF_FILE), `${JSON.stringify(file, null, 2)}\n`);
    say(proofLine(proof, sandbox.enforces));
  }
  if (json) cli.stdout.write(`${JSON.stringify(file, null, 2)}\n`);
  else cli.stdout.write(`\nWritten: ${relative(cli.cwd, join(outDir, PROOF_FILE))}. mcp-code-bench list sandboxes shows it.\n`);
  return proofs.some(({ checks }) => checks.some(({ status }) => status === "failed"));
}

function proofLine(proof: ProvedSandbox, enforces: Parameters<typeof limitProofs>[0]): string {
  const of = (status: ProvedSandbox["checks"][number]["status"]) => proof.checks.filter((one) => one.status === status).length;
  const limits = Object.entries(limitProofs(enforces, proof)).map(([limit, state]) => `${limit} ${state}`);
  return [
    `${proof.id}: ${of("passed")} of ${proof.checks.length} checks passed, ${of("failed")} failed`,
    ...(of("expected-failure") === 0 ? [] : [`${of("expected-failure")} failed of limits that it does not declare`]),
    ...(proof.complete ? [] : ["interrupted, so it proves nothing"]),
    `declares: ${limits.join(", ") || "no limit"}`,
  ].join("; ");
}
