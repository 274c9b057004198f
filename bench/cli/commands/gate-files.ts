/** What the parts of `gate` share: its formats, and files that a user named. */
import { BenchError } from "../../../contract/errors.ts";

export const formats = ["people", "json", "github", "junit"] as const;
export type Format = (typeof formats)[number];

/** A file or folder, and what it is called in messages. */
export interface Place {
  readonly path: string;
  readonly name: string;
}

/** GATE_FILE, from what the file system said. */
export function fileError(
  { name }: Place,
  what: "cannot be read" | "cannot be written",
  fix: string,
  cause: unknown,
): BenchError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const problem = code === "ENOENT" && what === "cannot be read" ? "not found" : `${what} (${code})`;
  return new BenchError("GATE_FILE", { file: name, problem, fix }, { cause });
}
