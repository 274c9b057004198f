/** The measuring half of `sandboxes`: from chosen backends to samples, reports and an answer whether anything failed. */
import { join, relative } from "node:path";
import type { Executor, Sandbox } from "../../../contract/index.ts";
import {
  type BenchedPeer,
  type BenchedSandbox,
  type BenchInfo,
  SAMPLE_SCHEMA_VERSION,
} from "../../../contract/sandbox-measurement.ts";
import { benchReporterRegistry } from "../../../reports/sandboxes/registry.ts";
import { summariseBench } from "../../../reports/sandboxes/summarise.ts";
import { configurationHash } from "../../../sandboxes/checks/configuration-hash.ts";
import { asShipped } from "../../../sandboxes/checks/subject.ts";
import { pooled } from "../../../sandboxes/host/pooled.ts";
import { type BenchResult, benchSandboxes } from "../../measure/measure.ts";
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
  const leaked = summary.sandboxes.some(({ sandbox, pool }) => !sandbox.control && pool !== null && pool.found > 0);
  return leaked || summary.problems.length > 0 || (done < planned && !signal.aborted);
}

async function measured({ cli, quiet, config, id, startedAt, outDir, chosen, signal }: MeasureOptions): Promise<BenchResult> {
  const { machine, versions } = await aboutMachine(cli);
  const steps = createSteps(cli, quiet, "jobs");
  const subjects = chosen.available.map(
    ({ id: name, sandbox }) => [name, { sandbox, pool: config.pool === null ? null : pooled(sandbox, config.pool) }] as const,
  );
  try {
    return await benchSandboxes({
      info: {
        ...{ schemaVersion: SAMPLE_SCHEMA_VERSION, id, startedAt, config, unavailable: chosen.unavailable },
        sandboxes: chosen.available.map(({ sandbox }) => about(sandbox)),
        peers: chosen.executors.available.map(aboutPeer),
        unavailablePeers: chosen.executors.unavailable,
        environment: { ...machine, ...versions },
      },
      sandboxes: new Map(subjects),
      peers: new Map(chosen.executors.available.map((peer) => [peer.id, peer])),
      outDir,
      now: cli.now,
      signal,
      onPlan: ({ jobs, sandboxes, peers }) =>
        steps.begin(jobs, 0, `Measuring ${[...sandboxes, ...peers].map((one) => one.id).join(", ")} in ${jobs} jobs.`),
      onSample: ({ job }, done) => steps.step(done, `${job.sandbox} ${job.kind}`),
    });
  } finally {
    steps.end();
    await Promise.all(subjects.map(([, { pool }]) => pool?.empty()));
  }
}

function about(sandbox: Sandbox): BenchedSandbox {
  const { id, title, version, isolation, control, languages, bridgeTransport, emulates, maxSessions, enforces } = sandbox;
  return {
    ...{ id, title, version, isolation, control, bridgeTransport, emulates, maxSessions },
    configurationHash: configurationHash(sandbox),
    language: languages.includes("javascript") ? "javascript" : "python",
    stopsBusyLoop: enforces.includes("wallTime"),
  };
}

const aboutPeer = ({ id, title, version }: Executor): BenchedPeer => ({
  ...{ id, title, version },
  configuration: asShipped,
});
