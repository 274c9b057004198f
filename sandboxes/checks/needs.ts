/** What checks need, and whether a subject has it. */
import type { Declared, EnforcedLimit, Need, SandboxCheck } from "../../contract/index.ts";

/** The subject declares the limit. */
export const declares = (limit: EnforcedLimit): Need => ({
  id: `declares ${limit}`,
  missing: async ({ enforces }) => (enforces.includes(limit) ? undefined : `it does not declare the limit ${limit}`),
});

/** What is missing for this check, as a clause; `undefined`: nothing. */
export async function missingFor(
  { needs = [] }: { readonly needs?: SandboxCheck["needs"] },
  subject: Declared,
): Promise<string | undefined> {
  for (const need of needs) {
    const reason = await need.missing(subject);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
