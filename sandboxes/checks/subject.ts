/** What checks are put to, whatever its kind: a backend, or an executor of another project. */
import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  AskedSubject,
  Declared,
  Executor,
  ExpectedFailure,
  Language,
  Sandbox,
  SandboxCheck,
  SandboxFactory,
  SandboxHost,
} from "../../contract/index.ts";
import { conformanceChecks, executorChecks } from "./checks.ts";
import { configurationHash } from "./configuration-hash.ts";
import type { ConformanceContext } from "./conformance/context.ts";
import { openOnce } from "./conformance/start.ts";
import type { ExecutorContext } from "./executors/checks.ts";
import { expectedFailuresOf } from "./expected-failures.ts";

export interface Subject<Context = unknown> extends AskedSubject, Declared {
  /** Nothing isolates here: what gets out is no failure. */
  readonly control: boolean;
  /** Its guests hold up the host whenever they compute. */
  readonly sharesHostLoop: boolean;
  readonly languages: readonly Language[];
  readonly checks: readonly SandboxCheck<Context>[];
  readonly expectedFailures: readonly ExpectedFailure[];
  /** A fresh one for the checks of one language: the last check may have disposed of the one before. */
  begin(language: Language): Promise<Trial<Context>>;
}

export interface Trial<Context> {
  readonly context: Context;
  /** Rejects, with the reason, where nothing can be played at all: every check would say the same. */
  start(): Promise<void>;
  /** Ends and removes everything. */
  end(): Promise<void>;
}

/** `sandbox`: one of the factory, whose `available` was asked. `folder`: an existing one for this alone. */
export function backendSubject(
  sandbox: Sandbox,
  factory: SandboxFactory,
  host: Omit<SandboxHost, "tmpDir">,
  folder: string,
): Subject<ConformanceContext> {
  const { id, version, control, languages, enforces, egress = false } = sandbox;
  return {
    kind: "backend",
    ...{ id, version, configuration: configurationHash(sandbox), control, languages, enforces, egress },
    sharesHostLoop: sandbox.sharesHostLoop === true,
    checks: conformanceChecks,
    expectedFailures: expectedFailuresOf(id),
    async begin(language) {
      const tmpDir = join(folder, language);
      const canaryFile = join(folder, `canary-${language}.txt`);
      await mkdir(tmpDir);
      await writeFile(canaryFile, randomUUID());
      const asked = factory({ ...host, tmpDir });
      return {
        context: { sandbox: asked, tmpDir, canaryFile },
        start: () => openOnce(asked, language),
        async end() {
          await asked.dispose();
          await rm(tmpDir, { recursive: true, force: true });
        },
      };
    },
  };
}

/** There is nothing of ours to set, and so no hash. */
export const asShipped = "as its authors ship it";

/** Whoever made the executor disposes of it. */
export function executorSubject(executor: Executor): Subject<ExecutorContext> {
  const { id, version } = executor;
  return {
    kind: "executor",
    ...{ id, version, configuration: asShipped, control: false, enforces: [] },
    sharesHostLoop: false,
    languages: ["javascript"],
    checks: executorChecks,
    expectedFailures: expectedFailuresOf(id),
    begin: async () => ({
      context: { executor },
      start: async () => void (await executor.execute({ program: "return 0;", tools: {}, timeoutMs: startPatienceMs })),
      end: async () => undefined,
    }),
  };
}

/** Milliseconds in which the smallest program ends, however busy the machine is. */
const startPatienceMs = 120_000;
