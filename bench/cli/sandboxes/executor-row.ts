/** One executor of another project in `list sandboxes`: whether it can run, and what was proved of it on this machine. */

import type { ExecutorFactory } from "../../../contract/index.ts";
import { terminalText } from "../../../reports/escape.ts";
import { executorSubject } from "../../../sandboxes/checks/subject.ts";
import type { Proof } from "../../measure/proof.ts";
import type { CliProcess } from "../cli-process.ts";
import { proved, provedLines } from "./proved.ts";

/** Above their lines. */
export const executorsTitle = "Executors of other projects (not backends: one program, tools, a result)";

export async function executorRow(factory: ExecutorFactory, cli: CliProcess, proofs: readonly Proof[]) {
  const executor = factory({ env: cli.env, platform: cli.platform, now: cli.now, tmpDir: cli.tmpDir, nodePath: cli.nodePath });
  try {
    const availability = await executor.available();
    const { kind, id, version, configuration, expectedFailures } = executorSubject(executor);
    const proof = proved(proofs, { kind, id, version, configuration });
    const available = availability.status === "available";
    const details = [version, ...provedLines({ kind, id }, proof, { available, expectedFailures })];
    const row = { kind, title: executor.title, availability, version, configuration, expectedFailures, proof };
    return { ...row, details: details.map(terminalText) };
  } finally {
    await executor.dispose();
  }
}
