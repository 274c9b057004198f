/** A backend or executor of `list sandboxes` that threw: nothing is known of it but that, and the others are listed beside it. */
import { type Availability, isBenchError, type SubjectKind } from "../../../contract/index.ts";

/** For `catch` on a row: shown like one that is unavailable, with the error for the exit code. */
export const defectiveRow = (kind: SubjectKind) => (error: unknown) => ({
  kind,
  title: "defective",
  availability: unavailableFor(error),
  error,
});

function unavailableFor(error: unknown): Availability {
  if (isBenchError(error, "CONFIG")) return { status: "unavailable", reason: error.details.problem, fix: error.details.fix };
  const message = error instanceof Error ? error.message : String(error);
  return { status: "unavailable", reason: `threw: ${message}`, fix: "This is a defect in mcp-code-bench." };
}
