import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import {
  type ExecutionOutcome,
  type ExecutorFactory,
  type OpenOptions,
  type Registries,
  registry,
  type SandboxFactory,
} from "../../../contract/index.ts";
import { executorPrograms } from "../../../sandboxes/checks/executors/checks.ts";
import { expectedFailuresOf } from "../../../sandboxes/checks/expected-failures.ts";
import { fakeExecutor } from "../../../testing/fake-executor.ts";
import { fakeProcess } from "../../../testing/fake-process.ts";
import { fakeSandbox, playByHand } from "../../../testing/fake-sandbox.ts";
import { expectHarmless, hostileText } from "../../../testing/harmless.ts";
import { extendRegistries } from "../../config/load-config.ts";
import { registries } from "../../registries.ts";
import { runCli } from "../cli.ts";
import type { CliProcess } from "../cli-process.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sandboxes-command-"));
  folders.push(folder);
  return folder;
}

async function cli(args: readonly string[], own: Registries = registries, cwd = newFolder()) {
  const fake = fakeProcess({ args: ["sandboxes", ...args], cwd, registries: own });
  // Real backends are measured with a real clock, and start the Node that runs the tests.
  const given: CliProcess = { ...fake, nodePath: execPath, now: () => performance.now() };
  const code = await runCli(given);
  return { code, cwd, fake, ...fake.written };
}

const withFakes = (
  sandboxes: { readonly [id: string]: SandboxFactory },
  executors: { readonly [id: string]: ExecutorFactory } = {},
): Registries => ({
  ...registries,
  executors: registry(
    "executor",
    Object.fromEntries(Object.entries(executors).map(([id, factory]) => [id, async () => factory])),
  ),
  sandboxes: registry("sandbox", Object.fromEntries(Object.entries(sandboxes).map(([id, factory]) => [id, async () => factory]))),
});
const gone: SandboxFactory = () =>
  fakeSandbox({ id: "gone", available: async () => ({ status: "unavailable", reason: "no daemon", fix: "Start one." }) });

test("a small run of real backends leaves every sample and three reports, with the floor beside", async () => {
  const { code, cwd, stdout, stderr } = await cli([
    ...["--sandbox", "quickjs,subprocess", "--samples", "2", "--sessions", "1,4", "--pool", "1"],
  ]);
  expect({ code, stderr: stderr.split("\n")[0] }).toEqual({
    code: 0,
    stderr: "Measuring quickjs, subprocess, null in 30 jobs.",
  });
  const folder = join(cwd, "results/sandboxes-20251121-093000");
  expect(readdirSync(folder).sort()).toEqual([
    ...["samples.jsonl", "sandbox-bench.json", "summary.csv", "summary.json", "summary.md"],
  ]);
  expect(readFileSync(join(folder, "samples.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(30);
  for (const text of [
    "Cold start, ms",
    "Tool round trip, ms",
    "Throughput of 4 sessions at once",
    "null (floor)",
    "subprocess *",
  ])
    expect(stdout).toContain(text);
  const { summary } = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"));
  const leaks = summary.sandboxes.map(({ sandbox, pool }: { sandbox: { id: string }; pool: object }) => [sandbox.id, pool]);
  expect(leaks[0]).toMatchObject(["quickjs", { looked: 1, found: 0 }]);
  expect(leaks[1]).toMatchObject(["subprocess", { looked: 1, found: 1 }]);
});

test("with --egress those without it are left out or refused, and requests through the proxy are a figure", async () => {
  const opened: OpenOptions[] = [];
  const granting: SandboxFactory = () => {
    const fake = fakeSandbox({
      id: "granting",
      egress: true,
      async play(program, options) {
        const url = /fetch\("(http:[^"]+)\/"/.exec(program.source)?.[1];
        if (url === undefined) return playByHand(program, options);
        const count = Number(/n < (\d+)/.exec(program.source)?.[1]);
        for (let n = 0; n < count; n++) await fetch(`${url.replace("granted.test", "127.0.0.1")}/${n}`);
        return String(count);
      },
    });
    const open: typeof fake.open = (options) => {
      opened.push(options);
      return fake.open(options);
    };
    return { ...fake, open };
  };
  const own = withFakes({ null: () => fakeSandbox({ id: "null" }), granting, other: () => fakeSandbox({ id: "other" }) });
  const args = ["--samples", "1", "--sessions", "1", "--json"];
  const { code, stdout } = await cli([...args, "--egress"], own);
  const { bench, summary } = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(bench.config.egress).toBe(true);
  expect(bench.sandboxes.map(({ id }: { id: string }) => id)).toEqual(["granting", "null"]);
  expect(bench.unavailable).toEqual([{ id: "other", reason: "it has no egress", fix: "Measure it without --egress." }]);
  const figures: { id: string; tails: { n: number } | null }[] = summary.sandboxes[0].figures;
  expect(figures.find(({ id }) => id === "egressTripMs")?.tails?.n).toBe(200);
  expect(opened.every(({ egress }) => egress?.allow[0]?.methods?.join() === "GET")).toBe(true);

  const without = await cli([...args, "--sandbox", "granting"], own);
  expect(JSON.parse(without.stdout).bench.sandboxes[0].configuration).not.toBe(bench.sandboxes[0].configuration);

  const named = await cli([...args, "--egress", "--sandbox", "other"], own);
  expect(named).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error: Sandbox "other" cannot hold a guest to the hosts'),
  });
});

test("a named sandbox that is unavailable exits with 2; one that is reached by default is listed with its fix", async () => {
  const own = withFakes({ fake: () => fakeSandbox(), gone });
  const named = await cli(["--sandbox", "gone"], own);
  expect(named).toMatchObject({ code: 2, stderr: 'error: Sandbox "gone" is unavailable: no daemon. Start one.\n' });
  const byDefault = await cli(["--samples", "1", "--sessions", "1", "--json"], own);
  expect(byDefault).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(byDefault.stdout).bench.unavailable).toEqual([{ id: "gone", reason: "no daemon", fix: "Start one." }]);
});

test("a backend that fails exits with 1 and says why", async () => {
  const own = withFakes({ fake: () => fakeSandbox({ play: () => "wrong" }) });
  const { code, stdout } = await cli(["--samples", "1", "--sessions", "1"], own);
  expect(code).toBe(1);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain('showed "wrong" where "2" was due');
});

test("Ctrl-C ends after the job at hand, writes the reports of what there is and exits with 130", async () => {
  const own: Registries = withFakes({
    fake: () => fakeSandbox({ beforeOpen: async (session) => void (session === 2 && interrupt()) }),
  });
  const cwd = newFolder();
  const fake = fakeProcess({ args: ["sandboxes", "--samples", "5"], cwd, registries: own });
  const interrupt = () => fake.interrupt("SIGINT");
  expect(await runCli(fake)).toBe(130);
  expect(fake.written.stdout).toContain("Interrupted: 3 of");
  expect(existsSync(join(cwd, "results/sandboxes-20251121-093000/summary.md"))).toBe(true);
});

test.each([
  [["--samples", "0"], "--samples 0: not understood. Give a whole number from 1 up"],
  [["--sessions", "1,x"], "--sessions x: not understood."],
  [["--sandbox", "quickj"], 'Unknown sandbox "quickj". Did you mean "quickjs"?'],
  [["--pool", "two"], "--pool two: not understood."],
])("%j is refused with what to write", async (args, message) => {
  const { code, stderr } = await cli(args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test("what is proved is shown by list until the configuration is another one", async () => {
  const cwd = newFolder();
  const proved = await cli(["--prove", "--sandbox", "quickjs", "--quiet"], registries, cwd);
  expect(proved.code).toBe(0);
  expect(proved.stdout).toMatch(
    /\nquickjs: (\d+) of \d+ checks held, 0 failed, 3 unsupported; declares: wallTime proved, memory proved/,
  );
  const quickjs = await registries.sandboxes.load("quickjs");
  const list = async (factory: SandboxFactory) => {
    const fake = fakeProcess({ args: ["list", "sandboxes"], cwd, registries: withFakes({ quickjs: factory }) });
    await runCli(fake);
    return fake.written.stdout;
  };
  expect(await list(quickjs)).toContain("limits: wallTime proved, memory proved, output proved\n    2025-11-21: ");
  const changed = await list((host) => ({ ...quickjs(host), configuration: { weaker: true } }));
  expect(changed).toContain("limits: declares wallTime, memory, output\n    nothing proved here");
});

test("list says of a backend that shares the host's thread what that means, and of no other", async () => {
  const ids = ["quickjs", "quickjs-inprocess"] as const;
  const [quickjs, inProcess] = await Promise.all(ids.map((id) => registries.sandboxes.load(id)));
  if (quickjs === undefined || inProcess === undefined) throw new TypeError("Not there.");
  const fake = fakeProcess({ args: ["list", "sandboxes"], cwd: newFolder(), registries: withFakes({ quickjs, inProcess }) });
  await runCli(fake);
  const said = fake.written.stdout.match(/^ {4}on the host's own thread: a guest that computes holds up the host.*$/gm);
  expect(said).toHaveLength(1);
  expect(fake.written.stdout.indexOf(said?.[0] ?? "")).toBeGreaterThan(fake.written.stdout.indexOf("inProcess"));
});

test("a check that fails is named, and exits with 1; of a limit that is not declared it is expected", async () => {
  const own = withFakes({ fake: () => fakeSandbox({ id: "fake", enforces: ["wallTime"], play: () => "" }) });
  const { code, stdout, cwd } = await cli(["--prove"], own);
  expect(code).toBe(1);
  expect(stdout).toContain("  result (javascript) failed: ");
  const { subjects } = JSON.parse(readFileSync(join(cwd, "results/sandboxes-20251121-093000/findings.json"), "utf8"));
  const verdicts = Object.fromEntries(
    subjects[0].findings.map(({ check, verdict }: { check: string; verdict: string }) => [check, verdict]),
  );
  expect(verdicts).toMatchObject({ "busy-loop": "failed", "memory-heap": "expected-failure" });
});

test("where a proof is written is said, and that list shows it only where list looks", async () => {
  const own = withFakes({ fake: () => fakeSandbox({ play: () => "" }), gone });
  const written = async (...args: readonly string[]) =>
    (await cli(["--prove", "--quiet", ...args], own)).stdout.split("\n").at(-2);
  const file = "results/sandboxes-20251121-093000/findings.json";
  expect(await written()).toBe(`Written: ${file}, and findings.csv beside it. mcp-code-bench list sandboxes shows it.`);
  expect(await written("--out", "results/mine")).toContain(
    "results/mine/findings.json, and findings.csv beside it. mcp-code-bench list sandboxes shows it.",
  );
  for (const out of ["elsewhere", "results", "results/deeper/mine"]) {
    expect(await written("--out", out)).toBe(
      `Written: ${out}/findings.json, and findings.csv beside it. mcp-code-bench list sandboxes looks below results/ alone.`,
    );
  }
  expect(await written("--sandbox", "!fake")).toBe("Nothing was proved, and nothing written.");
});

test("a proof that was interrupted is written, and not said to be shown", async () => {
  const cwd = newFolder();
  const own = withFakes({ fake: () => fakeSandbox({ beforeOpen: async () => fake.interrupt("SIGINT") }) });
  const fake = fakeProcess({ args: ["sandboxes", "--prove"], cwd, registries: own });
  expect(await runCli(fake)).toBe(130);
  expect(fake.written.stdout).toMatch(
    /interrupted, so it proves nothing.*\n\nWritten: results\/\S+findings\.json, and findings.csv beside it\.\n$/,
  );
});

describe("a backend that throws", () => {
  const boom = () => {
    throw new Error("boom\u001b[2J");
  };
  /** As the configuration `mine.ts` would have it, beside one of this project. */
  const withMine = (factory: SandboxFactory) =>
    extendRegistries(withFakes({ fake: () => fakeSandbox() }), { sandboxes: { mine: factory } }, "mine.ts");
  const list = async (own: Registries, ...args: readonly string[]) => {
    const fake = fakeProcess({ args: ["list", ...args], cwd: newFolder(), registries: own });
    return { code: await runCli(fake), ...fake.written };
  };
  const fix = "It must return unavailable, with a reason and a fix.";

  test("is listed with its reason, all others are listed too, and the exit code is 2, as ls has it for what it cannot show", async () => {
    const own = await withMine(() => fakeSandbox({ id: "mine", available: boom }));
    const { code, stdout, stderr } = await list(own);
    expect(code).toBe(2);
    expect(stdout).toMatch(/\n\* fake {2}A fake\n/);
    expect(stdout).toContain(
      `\n  mine  defective\n    unavailable: sandbox "mine" threw in available(): boom\\u001b[2J\n    fix: ${fix}\n`,
    );
    expect(stdout).toContain("\nservers (* = default)\n");
    expect(stderr).toBe(`error: Configuration mine.ts: sandbox "mine" threw in available(): boom\\u001b[2J. ${fix}\n`);
    const json = await list(own, "sandboxes", "--json");
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toEqual([
      expect.objectContaining({ id: "fake", availability: { status: "available" } }),
      {
        ...{ id: "mine", title: "defective", default: false, kind: "backend" },
        availability: { status: "unavailable", reason: 'sandbox "mine" threw in available(): boom\u001b[2J', fix },
      },
    ]);
  });

  test.for([
    ["in its factory", boom],
    ["in dispose()", () => fakeSandbox({ id: "mine", dispose: boom })],
    [": maxSessions: ", () => fakeSandbox({ id: "mine", maxSessions: Number.NaN })],
  ] as const)("or has the wrong shape is listed in the same way: %s", async ([where, factory]) => {
    const { code, stdout } = await list(await withMine(factory), "sandboxes");
    expect(code).toBe(2);
    expect(stdout).toMatch(/^\* fake {2}A fake$/m);
    expect(stdout.split("\n").find((line) => line.startsWith('    unavailable: sandbox "mine"'))).toContain(where);
  });

  test("is a defect of this project where it is this project's, as an executor is", async () => {
    const { code, stdout, stderr } = await list(
      withFakes({ fake: () => fakeSandbox() }, { one: () => fakeExecutor({ id: "one", available: boom }) }),
      "sandboxes",
    );
    expect(code).toBe(2);
    expect(stdout).toContain("* fake  A fake\n");
    expect(stdout).toContain("    unavailable: threw: boom\\u001b[2J\n    fix: This is a defect in mcp-code-bench.\n");
    expect(stderr).toContain("error: boom\\u001b[2J\nThis is a defect in mcp-code-bench.");
  });

  test.for([
    ["available()", { available: boom }, fix],
    ["sweep()", { sweep: boom, dispose: boom }, "It must leave what it cannot remove, and not throw."],
  ] as const)("ends the measuring with its name and what it must do: %s", async ([where, broken, wanted]) => {
    const own = await withMine(() => fakeSandbox({ id: "mine", ...broken }));
    const { code, stdout, stderr } = await cli([], own);
    expect({ code, stdout, stderr }).toEqual({
      ...{ code: 2, stdout: "" },
      stderr: `error: Configuration mine.ts: sandbox "mine" threw in ${where}: boom\\u001b[2J. ${wanted}\n`,
    });
  });

  test("in dispose() leaves nothing in the folder of temporary files", async () => {
    const own = await withMine((host) => fakeSandbox({ id: "mine", dispose: boom, title: host.tmpDir }));
    const { code, stdout, stderr } = await cli(["--samples", "1", "--sessions", "1", "--sandbox", "mine", "--json"], own);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('"mine" threw in dispose(): boom') });
    const [{ title: tmpDir }] = JSON.parse(stdout).bench.sandboxes;
    expect(tmpDir).toContain(tmpdir());
    expect(existsSync(tmpDir)).toBe(false);
  });
});

/** Gives each check's program of the executors' suite what is expected, but for what `instead` says of one check. */
const suiteExecutor =
  (id: string, instead: { readonly [check: string]: ExecutionOutcome } = {}, version = `${id} 1`): ExecutorFactory =>
  () =>
    fakeExecutor({
      ...{ id, version },
      async execute({ program }) {
        const check = executorPrograms.find(({ programs }) => programs.includes(program));
        const { status = "returned", result = 0, error = "", output = "" } = check?.expect ?? {};
        const kept = status === "returned" ? { status, result, output } : ({ status: "threw", error, output } as const);
        return instead[check?.id ?? ""] ?? kept;
      },
    });
const killed: ExecutionOutcome = { status: "killed", output: "\u001b[2J" };
const absent: ExecutorFactory = () =>
  fakeExecutor({ id: "absent", available: async () => ({ status: "unavailable", reason: "not installed", fix: "Install it." }) });

describe("executors of other projects", () => {
  test("a real one is measured, without a floor where no backend is", async () => {
    const { code, cwd, stdout, stderr } = await cli(["--sandbox", "just-bash", "--samples", "1"]);
    expect({ code, stderr: stderr.split("\n")[0] }).toEqual({ code: 0, stderr: "Measuring just-bash in 3 jobs." });
    expect(stdout).toMatch(
      /\n +just-bash \(executor\)\s+(version )?just-bash \d[\d.]*;?\s+(configuration )?as its authors\s+ship it/,
    );
    const folder = join(cwd, "results/sandboxes-20251121-093000");
    expect(readFileSync(join(folder, "samples.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(3);
    const { summary, bench } = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"));
    expect(bench.sandboxes).toMatchObject([{ kind: "executor", id: "just-bash", configuration: "as its authors ship it" }]);
    const counts = summary.sandboxes[0].figures.map((figure: { id: string; tails: { n: number } }) => [
      figure.id,
      figure.tails.n,
    ]);
    expect(counts).toEqual([
      ["firstExecutionMs", 1],
      ["executionMs", 1],
      ["roundTripMs", 1_000],
    ]);
    expect(readFileSync(join(folder, "summary.csv"), "utf8")).toMatch(/\nexecutor,just-bash,,,just-bash \d/);
    expect(readFileSync(join(folder, "summary.md"), "utf8")).toContain("\n## Whole execution, ms\n");
  });

  test("a real one is proved, and list shows what it kept until its version is another one", async () => {
    const cwd = newFolder();
    const { code, stdout } = await cli(["--prove", "--sandbox", "cloudflare-codemode", "--quiet"], registries, cwd);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ {2}busy-loop \(javascript\) failed, as expected: its time-out is .*\ncloudflare-codemode \(executor of another project, @cloudflare.*\): 8 of 9 checks held, 0 failed, 1 failed as expected\n/,
    );
    const own = withFakes({}, { "cloudflare-codemode": await registries.executors.load("cloudflare-codemode") });
    expect(await listed(own, cwd)).toMatch(/: 8 of 9 checks held, .*\n {4}held: result, .*\n {4}fails busy-loop, as expected: /);
    const newer = await listed(withFakes({}, { "cloudflare-codemode": suiteExecutor("cloudflare-codemode") }), cwd);
    expect(newer).toContain("nothing proved here: mcp-code-bench sandboxes --prove --sandbox cloudflare-codemode\n");
    expect(newer).toContain("    expected to fail busy-loop: its time-out is a timer");
  });

  test("are chosen, left out and refused by the flag that names sandboxes", async () => {
    const own = withFakes({ fake: () => fakeSandbox() }, { one: () => fakeExecutor({ id: "one" }), absent });
    const subjects = async (...args: readonly string[]) => {
      const { code, stdout } = await cli(["--samples", "1", "--sessions", "1", "--json", ...args], own);
      const { bench } = JSON.parse(stdout);
      return { code, ids: bench.sandboxes.map(({ id }: { id: string }) => id), bench };
    };
    const byDefault = await subjects();
    expect(byDefault).toMatchObject({ code: 0, ids: ["fake", "one"] });
    expect(byDefault.bench.unavailable).toEqual([{ id: "absent", reason: "not installed", fix: "Install it." }]);
    expect((await subjects("--sandbox", "!one")).ids).toEqual(["fake"]);
    expect((await subjects("--sandbox", "fake")).ids).toEqual(["fake"]);
    expect((await subjects("--sandbox", "one")).ids).toEqual(["one"]);
    expect(await cli(["--sandbox", "absent"], own)).toMatchObject({
      code: 2,
      stderr: 'error: Sandbox "absent" is unavailable: not installed. Install it.\n',
    });
  });

  test("one that fails while it is measured exits with 1 and is named", async () => {
    const own = withFakes({ fake: () => fakeSandbox() }, { one: () => fakeExecutor({ id: "one", play: () => "wrong" }) });
    const { code, stdout } = await cli(["--samples", "1", "--sessions", "1"], own);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Failed\n {2}one\n {4}job first-execution; times 1; /m);
  });

  test("a check that fails against expectation exits with 1, in every output", async () => {
    const own = withFakes({}, { one: suiteExecutor("one", { output: killed }), absent });
    const { code, stdout, cwd } = await cli(["--prove", "--quiet"], own);
    expect(code).toBe(1);
    expect(stdout).toMatchInlineSnapshot(`
      "absent: not available: not installed. Install it.
        output (javascript) failed: what a program prints is reported in order
          wanted: {"status":"returned","output":"one\\ntwo 2\\n"}; found {"status":"killed","output":"\\u001b[2J"}
      one (executor of another project, one 1): 8 of 9 checks held, 1 failed

      Written: results/sandboxes-20251121-093000/findings.json, and findings.csv beside it. mcp-code-bench list sandboxes shows it.
      "
    `);
    const folder = join(cwd, "results/sandboxes-20251121-093000");
    const text = readFileSync(join(folder, "findings.json"), "utf8");
    expect(JSON.parse(text).subjects).toMatchObject([{ kind: "executor", id: "one", version: "one 1", complete: true }]);
    expect(readFileSync(join(folder, "findings.csv"), "utf8")).toMatch(
      /\nexecutor,one,one 1,as its authors ship it,output,,javascript,,failed,,"wanted: /,
    );
    const { stdout: json } = await cli(["--prove", "--json"], own);
    expect(JSON.parse(json).subjects).toEqual(JSON.parse(text).subjects);
    expect(await listed(own, cwd)).toContain("    failed: output\n");
  });

  test("a check that holds against expectation exits with 1 too; one that fails as known does not", async () => {
    const [{ check = "" } = {}] = expectedFailuresOf("just-bash");
    const held = withFakes({}, { "just-bash": suiteExecutor("just-bash") });
    const { code, stdout, cwd } = await cli(["--prove", "--quiet"], held);
    expect(code).toBe(1);
    expect(stdout).toContain(`  ${check} (javascript) failed: `);
    expect(stdout).toMatch(/\n {4}it held, where this was expected: .*\. Remove it from the expected failures\n/);
    expect(await listed(held, cwd)).toContain(`    failed: ${check}\n`);
    const failing = withFakes({}, { "just-bash": suiteExecutor("just-bash", { [check]: killed }) });
    expect(await cli(["--prove", "--quiet"], failing)).toMatchObject({ code: 0 });
  });

  test("of one that cannot start nothing is proved, also not what it is known to fail", async () => {
    const execute = async () => {
      throw new Error("no binary");
    };
    const own = withFakes({}, { "just-bash": () => fakeExecutor({ id: "just-bash", execute }) });
    const { code, stdout } = await cli(["--prove", "--quiet"], own);
    expect(code).toBe(1);
    expect(stdout).toMatchInlineSnapshot(`
      "  start (javascript) failed: it starts
          no binary
      just-bash (executor of another project, fake-executor 1): it does not start, so nothing is proved of it

      Written: results/sandboxes-20251121-093000/findings.json, and findings.csv beside it.
      "
    `);
  });

  test("their texts are harmless on a terminal, and list --json marks them as no backends", async () => {
    const own = withFakes({ fake: () => fakeSandbox() }, { one: suiteExecutor("one", {}, hostileText), absent });
    const { stdout, cwd } = await cli(["--prove", "--quiet", "--sandbox", "one"], own);
    expectHarmless("terminal", stdout);
    expectHarmless("terminal", await listed(own, cwd));
    expect(JSON.parse(await listed(own, cwd, "--json"))).toMatchObject([
      { id: "fake", kind: "backend" },
      { id: "one", kind: "executor", default: false, availability: { status: "available" }, proof: { checks: 9, failed: [] } },
      { id: "absent", kind: "executor", availability: { status: "unavailable", reason: "not installed", fix: "Install it." } },
    ]);
  });
});

async function listed(own: Registries, cwd: string, ...flags: readonly string[]): Promise<string> {
  const fake = fakeProcess({ args: ["list", "sandboxes", ...flags], cwd, registries: own });
  expect(await runCli(fake)).toBe(0);
  return fake.written.stdout;
}
