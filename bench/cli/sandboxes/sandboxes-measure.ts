/** The measuring half of `sandboxes`: from chosen backends to samples, reports and an answer whether anything failed. */
import { join, relative } from "node:path";
import type { Executor, Language, Sandbox } from "../../../contract/index.ts";
import {
  type BenchedBackend,
  type BenchedExecutor,
  type BenchInfo,
  SAMPLE_SCHEMA_VERSION,
} from "../../../contract/sandbox-measurement.ts";
import { benchReporterRegistry } from "../../../reports/sandboxes/registry.ts";
import { summariseBench } from "../../../reports/sandboxes/summarise.ts";
import { configurationHash } from "../../../sandboxes/checks/configuration-hash.ts";
import { asShipped } from "../../../sandboxes/checks/subject.ts";
import { pooled } from "../../../sandboxes/host/pooled.ts";
import { openEgressTarget, withEgress } from "../../measure/egress.ts";
import { type BenchResult, benchSandboxes, type Measurable } from "../../measure/measure.ts";
import { writeWhole } from "../../records/record.ts";
import { aboutMachine } from "../about-machine.ts";
import type { CliProcess } from "../cli-process.ts";
import { terminalView } from "../commands/reports.ts";
import { createSteps } from "../progress.ts";
import type { ChosenSandboxes } from "./sandbox-choice.ts";

export interface MeasureOptions {
  readonly cli: CliProcess;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly config: BenchInfo["config"];
  readonly id: string;
  readonly startedAt: string;
  readonly outDir: string;
  readonly chosen: ChosenSandboxes;
  readonly signal: AbortSignal;
}

/** Whether a job failed or a pool leaked. What was interrupted is reported as far as it went. */
export async function measureAll(options: MeasureOptions): Promise<boolean> {
  const { cli, json, outDir, signal } = options;
  const { info, samples } = await measured(options);
  const summary = summariseBench(info, samples);
  const { done, planned } = summary.jobs;
  const notes = done < planned ? [`Interrupted: ${done} of ${planned} jobs were done.`] : [];
  for (const format of benchReporterRegistry.defaults) {
    const reporter = await benchReporterRegistry.load(format);
    const text = reporter.render(info, summary, { columns: 80, colours: false, notes });
    await writeWhole(join(outDir, reporter.fileName), text);
  }
  const reporter = await benchReporterRegistry.load(json ? "json" : "terminal");
  cli.stdout.write(reporter.render(info, summary, terminalView(cli, notes)));
  if (!json) cli.stdout.write(`\nWritten, with every sample: ${relative(cli.cwd, outDir) || "."}\n`);
  const leaked = summary.sandboxes.some(
    ({ sandbox, pool }) => sandbox.kind === "backend" && !sandbox.control && pool !== null && pool.found > 0,
  );
  return leaked || summary.problems.length > 0 || (done < planned && !signal.aborted);
}

async function measured({ cli, quiet, config, id, startedAt, outDir, chosen, signal }: MeasureOptions): Promise<BenchResult> {
  const { machine, versions } = await aboutMachine(cli);
  const steps = createSteps(cli, quiet, "jobs");
  const target = config.egress ? await openEgressTarget() : undefined;
  const backends = chosen.available.map(({ sandbox: made }) => {
    const sandbox = target === undefined || made.egress !== true ? made : withEgress(made, target);
    const pool = config.pool === null ? null : pooled(sandbox, config.pool);
    const language = languageOf(sandbox);
    return { kind: "backend" as const, sandbox, language, pool, ...(target === undefined ? {} : { egress: target }) };
  });
  const executors = chosen.executors.available.map((executor) => ({ kind: "executor" as const, executor }));
  try {
    return await benchSandboxes({
      info: {
        ...{ schemaVersion: SAMPLE_SCHEMA_VERSION, id, startedAt, config },
        sandboxes: [...backends.map(({ sandbox }) => aboutBackend(sandbox)), ...executors.map(({ executor }) => about(executor))],
        unavailable: [...chosen.unavailable, ...chosen.executors.unavailable],
        environment: { ...machine, ...versions },
      },
      sandboxes: new Map<string, Measurable>([
        ...backends.map((backend) => [backend.sandbox.id, backend] as const),
        ...executors.map((one) => [one.executor.id, one] as const),
      ]),
      outDir,
      now: cli.now,
      signal,
      onPlan: ({ jobs, sandboxes }) =>
        steps.begin(jobs, 0, `Measuring ${sandboxes.map((one) => one.id).join(", ")} in ${jobs} jobs.`),
      onSample: ({ job }, done) => steps.step(done, `${job.sandbox} ${job.kind}`),
    });
  } finally {
    steps.end();
    await Promise.all(backends.map(({ pool }) => pool?.empty()));
    await target?.close();
  }
}

const languageOf = ({ languages }: Sandbox): Language => (languages.includes("javascript") ? "javascript" : "python");

function aboutBackend(sandbox: Sandbox): BenchedBackend {
  const { id, title, version, isolation, control, bridgeTransport, emulates, maxSessions, enforces } = sandbox;
  return {
    kind: "backend",
    ...{ id, title, version, isolation, control, bridgeTransport, emulates, maxSessions },
    configuration: configurationHash(sandbox),
    language: languageOf(sandbox),
    stopsBusyLoop: enforces.includes("wallTime"),
  };
}

const about = ({ id, title, version }: Executor): BenchedExecutor => ({
  kind: "executor",
  ...{ id, title, version, configuration: asShipped },
});
