/** Jobs: what a plan becomes, and what other processes are given. */
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  BenchError,
  type CellKey,
  canonicalJson,
  cellKey,
  type Job,
  type RunConfig,
  serialisations,
  transports,
} from "../../contract/index.ts";

/** What every job of one run shares. */
export type JobSettings = Omit<Job, "key">;

export function jobSettings(
  { serialisations, limits, transport, enforceWindow, profile }: RunConfig,
  made: Pick<Job, "version" | "counters" | "contents">,
): JobSettings {
  return { ...made, serialisations, limits, transport, enforceWindow, profile };
}

/** Settings are shared between jobs, not copied: there may be a million. */
export function jobsOf(cells: readonly CellKey[], settings: JobSettings): readonly Job[] {
  return cells.map((key) => ({ ...settings, key }));
}

/** SHA-256 over a job's canonical JSON, hexadecimal: equal work, equal id, whatever the order of its fields. */
export function jobId(job: Job): string {
  return sha256(canonicalJson(JSON.parse(JSON.stringify(job))));
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const milliseconds = z.number().positive();

const schema = z.strictObject({
  version: z.string(),
  key: cellKey.strict(),
  counters: z.array(z.string()).min(1),
  serialisations: z.array(z.enum(serialisations)).min(1),
  profile: z.string(),
  limits: z.strictObject({
    ...{ memoryBytes: z.int().positive(), outputBytes: z.int().positive() },
    ...{ wallTimeMs: milliseconds, cellTimeMs: milliseconds },
  }),
  transport: z.enum(transports),
  enforceWindow: z.boolean(),
  contents: z.strictObject({ configuration: hash.nullable(), catalogue: hash.nullable(), profiles: hash }),
});

/** A job from JSON that another process sent, parsed already. Throws JOB, naming the first field that is wrong. */
export function readJob(json: unknown): Job {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new BenchError("JOB", {
    problem: `${issue?.path.join(".") || "the whole"}: ${issue?.message ?? "not as expected"}`,
    fix: "Send it as prepare made it, with the same version of mcp-code-bench.",
  });
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
