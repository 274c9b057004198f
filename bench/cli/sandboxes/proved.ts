/** What `list sandboxes` says of a subject's proof, the same for a backend and an executor of another project. */
import type { AskedSubject, ExpectedFailure } from "../../../contract/index.ts";
import { attackedText, countsText, type Proof, proofOf } from "../../measure/proof.ts";

/** What its proof on this machine says, in this version and configuration; `null`: nothing was proved. */
export function proved(proofs: readonly Proof[], subject: AskedSubject) {
  const found = proofOf(proofs, subject);
  if (found === undefined) return null;
  const { provedAt, findings } = found;
  const of = (...verdicts: readonly Proof["findings"][number]["verdict"][]) =>
    findings
      .filter(({ verdict }) => verdicts.includes(verdict))
      .map(({ check, variant, language, verdict, reason }) => ({ check, variant, language, verdict, reason }));
  return {
    ...{ provedAt, checks: findings.length, counts: countsText(findings), attacked: attackedText(found) ?? null },
    held: of("held", "contained"),
    failed: of("failed", "escaped"),
    expectedFailures: of("expected-failure"),
    undecided: of("inconclusive", "census", "unsupported", "unproven"),
  };
}

type Proved = NonNullable<ReturnType<typeof proved>>;

/** `available`: it can run here, so that it can be proved. */
export function provedLines(
  { kind, id }: Pick<AskedSubject, "kind" | "id">,
  proof: Proved | null,
  { available, expectedFailures }: { readonly available: boolean; readonly expectedFailures: readonly ExpectedFailure[] },
): string[] {
  if (proof === null)
    return [
      ...(available ? [`nothing proved here: mcp-code-bench sandboxes --prove --sandbox ${id}`] : []),
      ...expectedFailures.map(({ check, reason }) => `expected to fail ${check}: ${reason}`),
    ];
  const names = (list: Proved["held"]) => list.map(({ check, variant }) => [check, variant ?? []].flat().join(", ")).join(", ");
  return [
    `${proof.provedAt.slice(0, 10)}: ${proof.counts}`,
    ...(proof.attacked === null ? [] : [proof.attacked]),
    ...(kind === "backend" || proof.held.length === 0 ? [] : [`held: ${names(proof.held)}`]),
    ...(proof.failed.length === 0 ? [] : [`failed: ${names(proof.failed)}`]),
    ...proof.expectedFailures.map(({ check, reason }) => `fails ${check}, as expected: ${reason}`),
    ...(proof.undecided.length === 0 ? [] : [`not decided: ${names(proof.undecided)}`]),
  ];
}
