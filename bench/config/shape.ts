/** The building blocks of the schemas for a user's parts, and the one sentence about a value that does not fit. */
import { z } from "zod";

export const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, dots, dashes and underscores only");
export const text = z.string().min(1);
export const fn = z.custom((value) => typeof value === "function", "expected a function");

/** The fix for a part of the wrong shape. */
export const seeExtending = "See docs/extending.md (in the package: node_modules/mcp-code-bench/docs).";

/** The first field that does not fit, and what is wanted there; `whole` names the value itself. `undefined`: it fits. */
export function firstProblem(schema: z.ZodType, value: unknown, whole: string): string | undefined {
  const issue = schema.safeParse(value).error?.issues[0];
  return issue === undefined ? undefined : `${issue.path.map(String).join(".") || whole}: ${issue.message}`;
}
