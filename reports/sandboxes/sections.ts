/** What a report on sandboxes says, as titled tables: every format shows the same ones. Unescaped: the formats escape it. */
import { type BenchedSandbox, type BenchInfo, floorId } from "../../contract/sandbox-measurement.ts";
import { count, significant } from "../numbers.ts";
import { dispensableFigures, figureCells, figureHead, type Section, shownValue } from "./section.ts";
import type { BenchSummary, SandboxFigures } from "./summarise.ts";

/** In the order of the report, of backends where `of` says nothing else. Under load the number of sessions is added to the title. */
const shownFigures: readonly {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly of?: readonly BenchedSandbox["kind"][];
}[] = [
  {
    id: "firstOpenMs",
    title: "First open",
    about:
      "The first session of this process, opened: engines are loaded, images made if they are missing. Once a process, so n = 1.",
  },
  {
    id: "coldStartMs",
    title: "Cold start",
    about: "From asking for a session to the result of its first program, which prints 2. Not the process's first session.",
  },
  {
    id: "firstExecutionMs",
    title: "First execution",
    about: "Of an executor, the first one of this run: processes are started, engines loaded. Once a run, so n = 1.",
    of: ["executor"],
  },
  {
    id: "executionMs",
    title: "Whole execution",
    about:
      "Of an executor: from handing over a program that only returns 2 to its result; not the first one. There is no session to reuse.",
    of: ["executor"],
  },
  { id: "openMs", title: "Open", about: "The part of the cold start before the program is handed over." },
  {
    id: "warmRunMs",
    title: "Warm run",
    about: "The same program once more in the same session, after a pause of 250 ms in which the backend may prepare for it.",
  },
  { id: "atOnceRunMs", title: "Next run at once", about: "The same without the pause." },
  {
    id: "roundTripMs",
    title: "Tool round trip",
    about:
      "From one tool call's arrival at the host to the next one's: 1,000 in a row of one program, each answered at once; the host's clock. Intervals draw whole sessions, or whole executions.",
    of: ["backend", "executor"],
  },
  {
    id: "egressTripMs",
    title: "Egress round trip",
    about:
      "From one request's arrival at a server of the harness to the next one's: 200 in a row of one program, through the session's proxy, by GET, each on a connection of its own; the host's clock. No network is in it.",
  },
  {
    id: "stopMs",
    title: "Stopping a busy loop",
    about: "From the host's order to the run's outcome; the session is gone then.",
  },
  { id: "closeMs", title: "Close", about: "Until everything that the session started has ended." },
  {
    id: "residentBytes",
    title: "Resident memory of one session",
    about:
      "Idle after two programs, as the backend tells it; what sessions share is not in it. Where it cannot tell, see the harness's growth.",
  },
  {
    id: "pooledStartMs",
    title: "Pooled start",
    about:
      "A cold start's measure from a pool that is full, opened in the same run; the pool opens the next session meanwhile. No user of a session gets it after another.",
  },
  {
    id: "programsPerSecond",
    title: "Throughput",
    about:
      "Programs with one tool call each, one after another in every session; every answer was right. One sample is a whole load.",
  },
  { id: "programMs", title: "One program under load", about: "From handing it over to its result, in the same loads." },
  {
    id: "hostGrowthBytes",
    title: "Growth of the harness, a session,",
    about:
      "Of the harness's own process, threads included, from before a load's sessions were opened to after their last program, divided by them. Sessions within it live there; memory that an earlier one left is used again, so it is a lower bound.",
  },
];

export function sections(info: BenchInfo, summary: BenchSummary): readonly Section[] {
  return [
    ...(summary.sandboxes.length === 0
      ? []
      : [
          measuredSection(summary),
          overviewSection("Medians of starting, ms", startColumns, summary),
          overviewSection("Medians of using and ending, ms", useColumns, summary),
        ]),
    ...shownFigures.flatMap(({ id, title, about, of = ["backend"] }) => {
      const measured = summary.sandboxes.filter(({ sandbox }) => of.includes(sandbox.kind));
      if (measured.length === 0) return [];
      return countsOf(info, summary, id).map((sessions, i) => ({
        title: `${title}${sessions === null ? "" : ` of ${sessions} ${sessions === 1 ? "session" : "sessions at once"}`}, ${unitText(id)}`,
        about: i === 0 ? about : "",
        table: figureTable(measured, id, sessions),
      }));
    }),
    ...poolSections(info, summary),
    ...problemSections(summary),
    ...unavailableSections(summary),
  ];
}

export function benchNotes(info: BenchInfo, { jobs }: BenchSummary): readonly string[] {
  const { config, environment } = info;
  return [
    `n = ${config.samples} ${config.samples === 1 ? "session" : "sessions"} of each backend${info.sandboxes.some(isExecutor) ? ", and as many executions of each executor of another project" : ""}; jobs in seeded random order over all of them (seed ${config.orderSeed}), one at a time. ${count(jobs.done)} of ${count(jobs.planned)} jobs were done.`,
    "Median, with its 95% bootstrap interval from 6 independent samples on; p95 and p99 only from 100 samples on. Nothing is trimmed, repeated or subtracted: null runs no program and is what the harness itself costs; it stands beside the others as a floor. Failures have no time and are counted.",
    "* A control isolates nothing, or is known to be broken: it is there to be compared with, and is never a recommendation. Speed says nothing about what gets out of a sandbox.",
    ...(config.egress
      ? [
          "Every session has egress: a proxy of its own in the harness, by which it is granted one server of the harness. Starting and ending it is in every figure but those of null, and this is another configuration than without it.",
        ]
      : []),
    ...(config.pool === null
      ? []
      : [
          `Beside every backend ${config.pool} of its sessions wait in a pool, except while it is under load; they are idle, and hold memory.`,
        ]),
    `Measured on ${Object.entries(environment)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}; ${count(config.memoryBytes / 2 ** 20)} MiB of memory a session.`,
  ];
}

function measuredSection({ sandboxes }: BenchSummary): Section {
  const executors = sandboxes.some(({ sandbox }) => isExecutor(sandbox))
    ? " An executor of another project is not a backend: it takes one program and tools, gives a result, and has no session, files or limits of ours. It runs as its authors ship it, in the same shuffled order as the backends."
    : "";
  return {
    title: "Measured",
    about: `The configuration is a hash over everything that decides how a backend isolates, and its version.${executors}`,
    table: {
      head: ["sandbox", "isolation", "version", "configuration", "tool calls over", "most sessions", "emulated"],
      rows: sandboxes.map(({ sandbox }) =>
        sandbox.kind === "executor"
          ? [nameOf(sandbox), "", sandbox.version, sandbox.configuration, "", "", ""]
          : [
              ...[nameOf(sandbox), sandbox.isolation, sandbox.version, sandbox.configuration],
              ...[sandbox.bridgeTransport, count(sandbox.maxSessions), sandbox.emulates ?? "nothing"],
            ],
      ),
    },
  };
}

const startColumns = [
  ["first open", "firstOpenMs"],
  ["cold start", "coldStartMs"],
  ["pooled start", "pooledStartMs"],
  ["warm run", "warmRunMs"],
  ["execution", "executionMs"],
] as const;
const useColumns = [
  ["round trip", "roundTripMs"],
  ["egress trip", "egressTripMs"],
  ["stop", "stopMs"],
  ["close", "closeMs"],
  ["memory, MB", "residentBytes"],
] as const;

function overviewSection(title: string, columns: typeof startColumns | typeof useColumns, { sandboxes }: BenchSummary): Section {
  const shown = columns.filter(([, id]) => sandboxes.some(({ figures }) => figures.some((figure) => figure.id === id)));
  return {
    title,
    about: "",
    table: {
      head: ["sandbox", ...shown.map(([label]) => label)],
      rows: sandboxes.map(({ sandbox, figures }) => [
        nameOf(sandbox),
        ...shown.map(([, id]) => {
          const figure = figures.find((one) => one.id === id);
          return figure?.tails == null ? "-" : shownValue(figure, figure.tails.median.value);
        }),
      ]),
    },
  };
}

function figureTable(sandboxes: BenchSummary["sandboxes"], id: string, sessions: number | null): NonNullable<Section["table"]> {
  return {
    head: ["sandbox", ...figureHead],
    dispensable: dispensableFigures,
    rows: sandboxes.flatMap(({ sandbox, figures, sessionsLeftOut }) => {
      const figure = figures.find((one) => one.id === id && one.sessions === sessions);
      if (figure !== undefined) return [[nameOf(sandbox), ...figureCells(figure)]];
      const tooMany = sandbox.kind === "backend" && sessions !== null && sessionsLeftOut.includes(sessions);
      const why = tooMany ? `declares ${sandbox.maxSessions} at most` : "not measured";
      return [[nameOf(sandbox), "-", why, "", "", "", "", "", ""]];
    }),
  };
}

function poolSections({ config }: BenchInfo, { sandboxes }: BenchSummary): Section[] {
  if (config.pool === null) return [];
  const measured = sandboxes.filter(({ pool }) => pool !== null);
  return [
    {
      title: `Cold against pooled, ${config.pool} sessions kept ready, ms`,
      about:
        "Both in this run, in random order. The leak proof: one user plants a token in files, globals, prototypes, /tmp and a process, where there are such; its own look has to find it, or the proof is inconclusive; then the pool's next user looks.",
      table: {
        head: ["sandbox", "cold", "pooled", "faster", "next users", "saw the token", "inconclusive"],
        rows: measured.map(({ sandbox, figures, pool }) => {
          const median = (id: string) => figures.find((one) => one.id === id)?.tails?.median.value;
          const [cold, pooled] = [median("coldStartMs"), median("pooledStartMs")];
          return [
            nameOf(sandbox),
            cold === undefined ? "-" : significant(cold),
            pooled === undefined ? "-" : significant(pooled),
            pool?.timesFaster == null ? "-" : `${significant(pool.timesFaster)}x`,
            leakText(pool, ({ looked }) => looked),
            leakText(pool, ({ found }) => found),
            leakText(pool, ({ failed }) => failed),
          ];
        }),
      },
    },
  ];
}

const leakText = (pool: SandboxFigures["pool"], of: (pool: NonNullable<SandboxFigures["pool"]>) => number): string =>
  pool === null || pool.looked + pool.failed === 0 ? "-" : String(of(pool));

function problemSections({ problems }: BenchSummary): Section[] {
  if (problems.length === 0) return [];
  const kind = ({ kind: job, sessions }: (typeof problems)[number]) => (sessions === null ? job : `${job} of ${sessions}`);
  return [
    {
      title: "Failed",
      about: "",
      table: {
        head: ["sandbox", "job", "times", "the first"],
        rows: problems.map((problem) => [problem.sandbox, kind(problem), String(problem.jobs), problem.message]),
      },
    },
  ];
}

function unavailableSections({ unavailable }: BenchSummary): Section[] {
  if (unavailable.length === 0) return [];
  return [
    {
      title: "Not available on this machine",
      about: "",
      table: { head: ["sandbox", "reason", "fix"], rows: unavailable.map(({ id, reason, fix }) => [id, reason, fix]) },
    },
  ];
}

/** `[null]` for a figure without sessions; empty where nobody has it. Throughput also where no backend holds so many. */
function countsOf({ config }: BenchInfo, { sandboxes }: BenchSummary, id: string): (number | null)[] {
  const all = sandboxes.flatMap(({ figures }) => figures.filter((figure) => figure.id === id).map(({ sessions }) => sessions));
  const asked = id === "programsPerSecond" ? config.sessions : [];
  return [...new Set([...all, ...asked])].sort((a, b) => (a ?? 0) - (b ?? 0));
}

const isExecutor = ({ kind }: BenchedSandbox) => kind === "executor";

function nameOf(sandbox: BenchedSandbox): string {
  const { id } = sandbox;
  if (sandbox.kind === "executor") return `${id} (executor)`;
  return id === floorId ? `${id} (floor)` : sandbox.control ? `${id} *` : id;
}

const unitText = (id: string) => (id.endsWith("Bytes") ? "MB" : id === "programsPerSecond" ? "programs/s" : "ms");
