import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  BenchError,
  type CellRecord,
  type Counter,
  type Mode,
  type PlayRun,
  type PlayRunOptions,
  type Registries,
  registry,
  type SandboxFactory,
  type Scenario,
} from "../../contract/index.ts";
import { mockServerRegistry } from "../../mock-mcp-servers/registry.ts";
import { reporterRegistry } from "../../reports/registry.ts";
import { type FakeProcess, type FakeProcessOptions, fakeProcess } from "../../testing/fake-process.ts";
import { directRecord, goodRecords, runOf } from "../../testing/records.ts";
import { createRun, openRecords } from "../records/record.ts";
import { runIdOf } from "../run/run-info.ts";
import { runConfig } from "../run/settings.ts";
import { runCli } from "./cli.ts";
import { commandNames } from "./commands/registry.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const disposed = vi.fn(async () => undefined);
const sandbox =
  (id: string, availability: Awaited<ReturnType<ReturnType<SandboxFactory>["available"]>>): (() => Promise<SandboxFactory>) =>
  async () =>
  () => ({
    id,
    title: `The ${id} sandbox`,
    isolation: "isolate",
    control: false,
    languages: ["javascript"],
    enforces: ["wallTime"],
    bridgeTransport: "none",
    persists: { files: true, globals: [] },
    version: `${id} 1.0`,
    available: async () => availability,
    open: () => Promise.reject(new Error("not opened in these tests")),
    maxSessions: 1,
    emulates: null,
    configuration: {},
    sweep: async () => undefined,
    dispose: disposed,
  });

const scenario = {
  id: "sheet-filter",
  title: "Filter a sheet",
  source: "a test",
  params: z.object({ rows: z.int().min(1).max(10_000).default(1000).describe("rows in the sheet") }),
  variants: [{}, { rows: 10 }],
};
const registries: Registries = {
  scenarios: registry("scenario", { "sheet-filter": async () => scenario as unknown as Scenario }),
  modes: registry("mode", {
    "direct-tool-call": async () =>
      ({ id: "direct-tool-call", title: "Direct", source: "", sandbox: null, control: false }) as unknown as Mode,
  }),
  agents: registry("scripted agent of mode", {}),
  models: registry("model", {}),
  sandboxes: registry(
    "sandbox",
    {
      quickjs: sandbox("quickjs", { status: "available" }),
      gvisor: sandbox("gvisor", { status: "unavailable", reason: "runsc not found", fix: "Install it." }),
    },
    ["quickjs"],
    { firecracker: { title: "a microVM", reason: "no backend for it", fix: "Use qemu." } },
  ),
  executors: registry("executor", {}),
  counters: registry("counter", {
    o200k_base: async (): Promise<Counter> => ({
      id: "o200k_base",
      title: "o200k",
      version: "1",
      estimate: true,
      count: (text) => text.length,
    }),
  }),
  reporters: reporterRegistry,
  servers: mockServerRegistry,
};

/** Plays nothing: writes `records` as a run would, and says what it was asked for. */
function recorded(records: readonly CellRecord[], asked: PlayRunOptions[] = [], interrupted = false): PlayRun {
  return async (options) => {
    asked.push(options);
    const run = runOf({
      config: options.config,
      runId: runIdOf(options.host.date()),
      plannedCells: interrupted ? 100 : records.length,
    });
    await createRun(options.outDir, run);
    const writer = await openRecords(options.outDir);
    options.onEvent({ type: "planned", run, kept: 0 });
    for (const [i, record] of records.entries()) {
      writer.append(record);
      options.onEvent({ type: "cell", record, key: record.key, done: i + 1, total: run.plannedCells });
    }
    writer.close();
    return { run, playedCells: records.length, interrupted };
  };
}

async function cli(options: Omit<FakeProcessOptions, "args">, ...args: string[]): Promise<{ code: number; fake: FakeProcess }> {
  const fake = fakeProcess({ registries, cwd: folder, ...options, args });
  return { code: await runCli(fake), fake };
}

describe("help", () => {
  test.for([[], ["--help"], ["-h"], ["help"]])("%j shows the commands", async (args) => {
    const { code, fake } = await cli({}, ...args);
    expect(code).toBe(0);
    expect(fake.written.stderr).toBe("");
    for (const name of commandNames) expect(fake.written.stdout).toContain(`  ${name}`);
  });

  test.for(["", ...commandNames])("of %j fits 80 columns", async (name) => {
    const { code, fake } = await cli({}, ...(name === "" ? [] : [name]), "--help");
    expect(code).toBe(0);
    expect(fake.written.stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    if (name !== "") expect(fake.written.stdout).toMatch(/^Example: mcp-code-bench /m);
  });

  test("--version is the package's", async () => {
    expect((await cli({}, "--version")).fake.written.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

const allCommands = `Commands: ${commandNames.join(", ")}.\n`;

describe("a usage error exits with 2, one line on stderr and the way out", () => {
  test.for([
    [["rn"], "error: Unknown command rn. Did you mean mcp-code-bench run?\n"],
    [["frobnicate"], `error: Unknown command frobnicate. ${allCommands}`],
    [["constructor"], `error: Unknown command constructor. ${allCommands}`],
    [["run", "--senario", "x"], "error: Unknown flag --senario. Did you mean --scenario?\n"],
    [["run", "-x"], "error: Unknown flag -x. See mcp-code-bench run --help.\n"],
    [["run", "--__proto__"], "error: Unknown flag --__proto__. See mcp-code-bench run --help.\n"],
    [["sandboxes", "--sandbox", "firecracker"], 'error: Sandbox "firecracker" is unavailable: no backend for it. Use qemu.\n'],
    [["run", "--seeds", "-1"], "error: --seeds -1: not understood. Give a whole number from 1 up, e.g. --seeds 5.\n"],
    [["run", "--memory", "-1"], "error: --memory -1: not understood. Give bytes, e.g. 64MiB or 500kB.\n"],
    [["run", "--seeds"], "error: --seeds needs a value. Write --seeds N.\n"],
    [
      ["run", "--resume", "here", "--json", "--seeds", "3"],
      "error: --resume takes what is played from here/run.json, so --seeds cannot be given with it. Leave --seeds out, or start a new run without --resume.\n",
    ],
    [
      ["run", "slack-polling", "--resume", "here"],
      "error: --resume takes what is played from here/run.json, so slack-polling cannot be given with it. Leave slack-polling out, or start a new run without --resume.\n",
    ],
    [
      ["run", "--resume", "here"],
      "error: Cannot resume here: it holds no run.json, so nothing was played into it. Give the folder of a run that began, or start a new run.\n",
    ],
    [["run", "--out", "--json"], "error: --out needs a value. Write --out DIR.\n"],
    [["run", "--quiet=yes"], "error: --quiet takes no value. Write --quiet alone.\n"],
    [["run", "--seeds", "0"], "error: --seeds 0: not understood. Give a whole number from 1 up, e.g. --seeds 5.\n"],
    [["run", "--seeds", "1e3"], "error: --seeds 1e3: not understood. Give a whole number from 1 up, e.g. --seeds 5.\n"],
    [["run", "--memory", "64furlongs"], "error: --memory 64furlongs: not understood. Give bytes, e.g. 64MiB or 500kB.\n"],
    ...(["run", "sandboxes"] as const).map(
      (command) =>
        [
          [command, "--memory", "64KiB"],
          "error: --memory 64KiB is less than a sandbox needs for itself. Give 1MiB or more; programs that read large results need some 64MiB.\n",
        ] as const,
    ),
    [
      ["run", "--output-schemas", "some"],
      'error: Unknown choice of output schemas "some". Did you mean "none"? Known: real, all, none.\n',
    ],
    [
      ["run", "--policy", "thorogh"],
      'error: Unknown policy "thorogh". Did you mean "thorough"? Known: minimal, thorough, readme, repair, return-and-ask.\n',
    ],
    [
      ["list", "sandbox"],
      'error: Unknown kind "sandbox". Did you mean "sandboxes"? Known: scenarios, modes, sandboxes, counters, reports, servers.\n',
    ],
    [["run", "--transport", "htp"], 'error: Unknown transport "htp". Did you mean "http"? Known: memory, stdio, http.\n'],
    [["list", "modes", "more"], 'error: Unexpected argument "more". See mcp-code-bench list --help.\n'],
    [["list", "--json"], "error: --json needs one kind. Write mcp-code-bench list scenarios --json.\n"],
    [["report"], "error: The folder of a run is missing. Write mcp-code-bench report results/<run-id>.\n"],
    [
      ["report", ".", "--format", "markdwn"],
      `error: Unknown format "markdwn". Did you mean "markdown"? Known: ${reporterRegistry.ids.join(", ")}.\n`,
    ],
  ] as const)("%j", async ([args, stderr]) => {
    const { code, fake } = await cli({}, ...args);
    expect(fake.written).toEqual({ stdout: "", stderr });
    expect(code).toBe(2);
  });
});

describe("an unexpected error", () => {
  const playRun: PlayRun = async () => {
    throw new TypeError("oops");
  };

  test("exits with 2 and hides its stack", async () => {
    const { code, fake } = await cli({ playRun }, "run");
    expect(code).toBe(2);
    expect(fake.written.stderr).toBe(
      "error: oops\nThis is a defect in mcp-code-bench. Run the command again with --debug for the stack.\n",
    );
  });

  test.for([
    { args: ["--debug"], env: {} },
    { args: [], env: { DEBUG: "1" } },
  ])("shows its stack with %j", async ({ args, env }) => {
    const { fake } = await cli({ playRun, env: { ...env } }, "run", ...args);
    expect(fake.written.stderr).toContain("TypeError: oops\n    at ");
  });
});

test("an error that quotes a server cannot move the cursor", async () => {
  const playRun: PlayRun = async () => {
    throw new BenchError("SERVER_START", { server: "a", problem: "it ended", fix: "Look.", stderr: "one\u001b[2J\ntwo" });
  };
  const { fake } = await cli({ playRun }, "run");
  expect(fake.written.stderr).toMatch(/\none\\u001b\[2J\ntwo\n$/);
});

test("nor does its stack", async () => {
  const playRun: PlayRun = async () => {
    throw new TypeError("one\u001b[2J\u202e");
  };
  const { fake } = await cli({ playRun }, "run", "--debug");
  expect(fake.written.stderr).toContain("TypeError: one\\u001b[2J\\u202e\n    at ");
  expect(fake.written.stderr).not.toContain("\u001b");
});

describe("list", () => {
  test.for(["scenarios", "modes", "sandboxes", "counters", "reports"])(
    "%s --json is an array of objects with id",
    async (kind) => {
      const { code, fake } = await cli({}, "list", kind, "--json");
      const listed: unknown = JSON.parse(fake.written.stdout);
      expect(code).toBe(0);
      expect(listed).toEqual(
        expect.arrayContaining([expect.objectContaining({ id: expect.any(String), title: expect.any(String) })]),
      );
    },
  );

  test("sandboxes say whether they can run here, and are disposed of", async () => {
    disposed.mockClear();
    const { fake } = await cli({}, "list", "sandboxes", "--json");
    expect(JSON.parse(fake.written.stdout)).toMatchObject([
      { id: "quickjs", default: true, availability: { status: "available" } },
      { id: "gvisor", default: false, availability: { status: "unavailable", reason: "runsc not found", fix: "Install it." } },
      {
        id: "firecracker",
        default: false,
        availability: { status: "unavailable", reason: "no backend for it", fix: "Use qemu." },
      },
    ]);
    expect(disposed).toHaveBeenCalledTimes(2);
  });

  test("scenarios show their parameters with ranges and defaults", async () => {
    const { fake } = await cli({}, "list", "scenarios", "--json");
    expect(JSON.parse(fake.written.stdout)).toMatchObject([
      { parameters: { properties: { rows: { minimum: 1, maximum: 10_000, default: 1000, description: "rows in the sheet" } } } },
    ]);
  });

  test("without a kind shows all as text, an unavailable sandbox with its fix", async () => {
    const { fake } = await cli({}, "list");
    expect(fake.written.stdout).toContain("* quickjs      The quickjs sandbox\n");
    expect(fake.written.stdout).toContain("    unavailable: runsc not found\n    fix: Install it.\n");
    expect(fake.written.stdout).toContain("    rows  1000");
  });
});

describe("run", () => {
  test("asks for what a caller of the public API gets by default", async () => {
    const asked: PlayRunOptions[] = [];
    await cli({ playRun: recorded([], asked) }, "run");
    await cli({ playRun: recorded([], asked) }, "run", "--catalogue", "/servers.json", "--out", "other");
    expect(asked.map(({ config }) => config)).toEqual([runConfig(), runConfig({ catalogue: "/servers.json" })]);
  });

  test("takes ids repeated, comma separated and as bare words", async () => {
    const asked: PlayRunOptions[] = [];
    const args = [
      "a",
      "--scenario",
      "b,!c",
      "--scenario=d",
      "--tools",
      "own,50",
      "--tools",
      "100",
      "--param",
      "x=1,2",
      "--param",
      "y=z",
    ];
    const { code } = await cli({ playRun: recorded([], asked) }, "run", ...args, "--serialisation", "raw", "--memory", "64MiB");
    expect(code).toBe(0);
    expect(asked[0]?.config).toMatchObject({
      scenarios: ["a", "b", "!c", "d"],
      tools: [null, 50, 100],
      params: ["x=1,2", "y=z"],
      serialisations: ["raw"],
      policies: ["minimal"],
      outputSchemas: ["real"],
      bounds: true,
      seeds: 5,
      controls: true,
      limits: { memoryBytes: 64 * 1024 * 1024, wallTimeMs: 30_000 },
    });
  });

  test("shows the summary, writes the reports and lists every file", async () => {
    const { code, fake } = await cli({ playRun: recorded(goodRecords) }, "run", "--out", "here");
    expect(code).toBe(0);
    expect(fake.written.stdout).toContain("9 cells played, all passed");
    expect(fake.written.stdout).toMatch(
      /\nWritten:\n {2}here\/run\.json\n {2}here\/records\.jsonl\n {2}here\/records\.csv\n {2}here\/summary\.md\n {2}here\/summary\.svg\n$/,
    );
    expect(await readFile(join(folder, "here", "summary.md"), "utf8")).toContain("# mcp-code-bench 20251121-093000");
  });

  test("goes to results/<run-id> by default", async () => {
    await cli({ playRun: recorded(goodRecords) }, "run");
    expect(existsSync(join(folder, "results", "20251121-093000", "records.csv"))).toBe(true);
  });

  test("exits with 1 if a cell did not pass", async () => {
    const { measured: _, ...played } = directRecord();
    const failed: CellRecord = { ...played, status: "failed", checks: [{ id: "answer", passed: false, detail: "wrong" }] };
    expect((await cli({ playRun: recorded([failed]) }, "run")).code).toBe(1);
  });

  test("exits with 2 if a cell ended in a harness error, alone or beside others", async () => {
    const { schemaVersion, key } = directRecord({ seed: 2 });
    const broken: CellRecord = {
      schemaVersion,
      key,
      machine: "m1",
      status: "harness-error",
      code: "SERVER_START",
      message: "it did not start",
    };
    expect((await cli({ playRun: recorded([broken]) }, "run", "--out", "alone")).code).toBe(2);
    expect((await cli({ playRun: recorded([directRecord(), broken]) }, "run", "--out", "beside")).code).toBe(2);
  });

  test("exits with 1 if a control fails", async () => {
    const uneven = [directRecord(), directRecord({ repetition: 1 }, 1)];
    expect((await cli({ playRun: recorded(uneven) }, "run")).code).toBe(1);
  });

  test("--json prints one document and no progress", async () => {
    const { fake } = await cli({ playRun: recorded(goodRecords), columns: 100 }, "run", "--json");
    expect(JSON.parse(fake.written.stdout)).toMatchObject({ summary: { cells: { played: 9 } } });
    expect(fake.written.stderr).toBe("");
  });

  test("a folder that holds a run is refused with 2", async () => {
    await cli({ playRun: recorded(goodRecords) }, "run", "--out", "here");
    const { code, fake } = await cli({ playRun: recorded(goodRecords) }, "run", "--out", "here", "--quiet");
    expect(code).toBe(2);
    expect(fake.written.stderr).toContain("it holds a run already (run.json). Choose another folder with --out.\n");
  });

  test("a report that cannot be written is an error, not a loss of the records", async () => {
    await mkdir(join(folder, "here", "records.csv"), { recursive: true });
    const { code } = await cli({ playRun: recorded(goodRecords) }, "run", "--out", "here");
    expect(code).toBe(2);
    expect(existsSync(join(folder, "here", "records.jsonl"))).toBe(true);
  });

  test("progress without a terminal is a line every tenth, on stderr", async () => {
    const many = Array.from({ length: 40 }, (_, i) => directRecord({ seed: i + 1 }));
    const { fake } = await cli({ playRun: recorded(many) }, "run");
    const lines = fake.written.stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[1]).toMatch(/^4 of 40 cells \(10%\), about \d+ s left$/);
    expect(lines[10]).toBe("40 of 40 cells (100%)");
  });

  test("progress on a terminal redraws one line and clears it", async () => {
    const { fake } = await cli({ playRun: recorded(goodRecords), columns: 70 }, "run");
    const drawn = fake.written.stderr.split("\r\u001b[2K");
    expect(drawn[1]).toMatch(/^1\/9 cells {2}\d+ s left {2}sheet-filter direct-tool-call$/);
    expect(drawn.at(-1)).toBe("");
    expect(fake.written.stderr).not.toContain("\n");
  });

  test("--quiet prints no progress", async () => {
    expect((await cli({ playRun: recorded(goodRecords), columns: 70 }, "run", "--quiet")).fake.written.stderr).toBe("");
  });

  test.for([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends the run cleanly, writes the reports and exits with %i", async ([signal, code]) => {
    const fake = fakeProcess({
      registries,
      cwd: folder,
      args: ["run", "--out", "here"],
      playRun: async (options) => {
        fake.interrupt(signal);
        expect(options.host.signal.aborted).toBe(true);
        return await recorded(goodRecords, [], true)(options);
      },
    });
    expect(await runCli(fake)).toBe(code);
    expect(fake.exits).toEqual([]);
    expect(fake.written.stdout).toContain("Interrupted: 9 of 100 cells were played.");
    expect(await readFile(join(folder, "here", "summary.md"), "utf8")).toContain("Interrupted: 9 of 100 cells");
  });

  test("an interrupted run names the command that plays the rest, which asks for the same run", async () => {
    const asked: PlayRunOptions[] = [];
    const out = "it's here";
    const { fake } = await cli({ playRun: recorded(goodRecords, asked, true) }, "run", "--out", out, "--seeds", "7", "--json");
    expect(fake.written.stderr).toBe("Play the rest with: mcp-code-bench run --resume 'it'\\''s here'\n");
    const playRun: PlayRun = async (options) => {
      asked.push(options);
      throw new BenchError("ABORTED");
    };
    await cli({ playRun }, "run", "--resume", out, "--quiet");
    const [first, second] = asked;
    expect(second).toMatchObject({ config: first?.config, outDir: first?.outDir });
    expect(second?.resume).toMatchObject({ plannedCells: 100, runId: "20251121-093000", config: { seeds: 7 } });
  });

  test("a second interrupt exits at once", async () => {
    const fake = fakeProcess({
      registries,
      cwd: folder,
      args: ["run"],
      playRun: async () => {
        fake.interrupt("SIGINT");
        fake.interrupt("SIGINT");
        throw new BenchError("ABORTED");
      },
    });
    expect(await runCli(fake)).toBe(130);
    expect(fake.exits).toEqual([130]);
  });
});

describe("report", () => {
  test("prints a finished run again, the same in every format as when it was played", async () => {
    const first = await cli({ playRun: recorded(goodRecords) }, "run", "--out", "here");
    const again = await cli({}, "report", "here");
    expect(again.code).toBe(0);
    expect(first.fake.written.stdout.startsWith(again.fake.written.stdout)).toBe(true);
    const markdown = await cli({}, "report", "here", "--format", "markdown");
    expect(markdown.fake.written.stdout).toBe(await readFile(join(folder, "here", "summary.md"), "utf8"));
  });

  test("uses the terminal's width between 60 and 200, and colours unless NO_COLOR is set", async () => {
    await cli({ playRun: recorded(goodRecords) }, "run", "--out", "here");
    const wide = await cli({ columns: 500 }, "report", "here");
    expect(wide.fake.written.stdout).toContain("\u001b[1m");
    const plain = await cli({ columns: 30, env: { NO_COLOR: "1" } }, "report", "here");
    expect(plain.fake.written.stdout).not.toContain("\u001b");
    expect(Math.max(...plain.fake.written.stdout.split("\n").map((line) => line.length))).toBeGreaterThan(50);
  });

  test("of a folder without a run exits with 2", async () => {
    const { code, fake } = await cli({}, "report", ".");
    expect(code).toBe(2);
    expect(fake.written.stderr).toBe(`error: ${join(folder, "run.json")}: not found. Give the folder that a run wrote.\n`);
  });
});
