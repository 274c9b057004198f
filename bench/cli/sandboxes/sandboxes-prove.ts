/** The proving half of `sandboxes`: puts every check to backends and executors, and leaves the findings for `list sandboxes`. */
import { mkdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Finding } from "../../../contract/index.ts";
import { jsonText, terminalText } from "../../../reports/escape.ts";
import { findingsCsv } from "../../../reports/sandboxes/findings-csv.ts";
import { isProblem, prove, startCheck } from "../../../sandboxes/checks/prove.ts";
import { backendSubject, executorSubject, type Subject } from "../../../sandboxes/checks/subject.ts";
import {
  attackedText,
  countsText,
  limitProofs,
  PROOF_FILE,
  PROOF_SCHEMA_VERSION,
  type Proof,
  type ProofFile,
} from "../../measure/proof.ts";
import { makeRunFolder, writeWhole } from "../../records/record.ts";
import { machineMark } from "../about-machine.ts";
import type { CliProcess } from "../cli-process.ts";
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

const CSV_FILE = "findings.csv";

/** Whether a check failed that the subject is not known to fail, or one held that it is. Both files are written after each subject. */
export async function proveAll(options: ProveOptions): Promise<boolean> {
  const { cli, json, quiet, outDir, chosen, signal } = options;
  await makeRunFolder(outDir);
  const say = (line: string) => void (json || cli.stdout.write(`${terminalText(line)}\n`));
  for (const { id, reason, fix } of [...chosen.unavailable, ...chosen.executors.unavailable])
    say(`${id}: not available: ${reason}. ${fix}`);

  const proofs: Proof[] = [];
  const file: ProofFile = { schemaVersion: PROOF_SCHEMA_VERSION, machine: machineMark(), subjects: proofs };
  const all: Finding[] = [];
  let findings: Finding[] = [];
  let failed = false;
  for await (const step of prove(await subjectsOf(options), { signal, now: cli.now })) {
    const { subject } = step;
    if (step.step === "begin") {
      findings = [];
      if (!quiet) cli.stderr.write(`Checking ${terminalText(subject.id)}.\n`);
    } else if (step.step === "finding") {
      findings.push(step.finding);
      failed ||= isProblem(step.finding, subject);
      for (const line of findingLines(step.finding)) say(line);
    } else {
      const { kind, id, version, configuration, sharesHostLoop } = subject;
      const about = { kind, id, version, configuration, provedAt: cli.date().toISOString(), complete: step.complete };
      const proof = { ...about, sharesHostLoop, findings: findings.map(({ subject: _same, ...finding }) => finding) };
      proofs.push(proof);
      all.push(...findings);
      await writeWhole(join(outDir, PROOF_FILE), `${jsonText(JSON.stringify(file, null, 2))}\n`);
      await writeWhole(join(outDir, CSV_FILE), findingsCsv(all));
      say(subjectLine(subject, findings, step.complete));
      const attacked = attackedText(proof);
      if (attacked !== undefined) say(`  ${attacked}`);
    }
  }
  if (json) cli.stdout.write(`${jsonText(JSON.stringify(file, null, 2))}\n`);
  else cli.stdout.write(`\n${writtenText(cli.cwd, outDir, proofs)}\n`);
  return failed;
}

async function subjectsOf({ cli, tmpDir, chosen }: ProveOptions): Promise<readonly Subject[]> {
  const { env, platform, now, nodePath } = cli;
  const subjects: Subject[] = [];
  for (const { id, factory, sandbox } of chosen.available) {
    const folder = join(tmpDir, `prove-${id}`);
    await mkdir(folder);
    subjects.push(backendSubject(sandbox, factory, { env, platform, now, nodePath }, folder));
  }
  return [...subjects, ...chosen.executors.available.map(executorSubject)];
}

/** Where the files are, and whether `list sandboxes`, which reads complete proofs below `results/`, finds them there. */
function writtenText(cwd: string, outDir: string, proofs: readonly Proof[]): string {
  if (proofs.length === 0) return "Nothing was proved, and nothing written.";
  const written = `Written: ${relative(cwd, join(outDir, PROOF_FILE))}, and ${CSV_FILE} beside it.`;
  if (dirname(outDir) !== join(cwd, "results")) return `${written} mcp-code-bench list sandboxes looks below results/ alone.`;
  return proofs.some(({ complete }) => complete) ? `${written} mcp-code-bench list sandboxes shows it.` : written;
}

/** Nothing for what held; of everything else what it is, and why. */
function findingLines({ check, variant, language, verdict, title, evidence, reason }: Finding): string[] {
  const name = `${check}${variant === null ? "" : `, ${variant}`} (${language})`;
  if (verdict === "held" || verdict === "contained") return [];
  if (verdict === "expected-failure") return [`  ${name} failed, as expected: ${reason}`];
  if (verdict === "unsupported" || verdict === "unproven") return [`  ${name} ${verdict}: ${reason}`];
  return [`  ${name} ${verdict}: ${title}`, `    ${evidence}`];
}

function subjectLine({ kind, id, version, enforces }: Subject, findings: readonly Finding[], complete: boolean): string {
  const name = kind === "backend" ? id : `${id} (executor of another project, ${version})`;
  if (findings.at(-1)?.check === startCheck.id) return `${name}: it does not start, so nothing is proved of it`;
  const limits = Object.entries(limitProofs(enforces, findings)).map(([limit, state]) => `${limit} ${state}`);
  return [
    `${name}: ${countsText(findings)}`,
    ...(complete ? [] : ["interrupted, so it proves nothing"]),
    ...(kind === "backend" ? [`declares: ${limits.join(", ") || "no limit"}`] : []),
  ].join("; ");
}
