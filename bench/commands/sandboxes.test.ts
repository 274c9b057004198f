import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../cli.ts";
import type { CliProcess } from "../cli-process.ts";
import { registries } from "../registries.ts";
import { fakeProcess } from "../testing/fake-process.ts";
import { fakeSandbox } from "../testing/fake-sandbox.ts";
import { type Registries, registry, type SandboxFactory } from "../types/index.ts";

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

const withFakes = (sandboxes: { readonly [id: string]: SandboxFactory }): Registries => ({
  ...registries,
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
  expect(proved.stdout).toMatch(/^quickjs: (\d+) of \1 checks passed, 0 failed; declares: wallTime proved, memory proved/);
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

test("a check that fails is named, and exits with 1; of a limit that is not declared it is expected", async () => {
  const own = withFakes({ fake: () => fakeSandbox({ id: "fake", enforces: ["wallTime"], play: () => "" }) });
  const { code, stdout, cwd } = await cli(["--prove"], own);
  expect(code).toBe(1);
  expect(stdout).toContain("  result (javascript) failed: ");
  const { sandboxes } = JSON.parse(readFileSync(join(cwd, "results/sandboxes-20251121-093000/conformance.json"), "utf8"));
  const statuses = Object.fromEntries(sandboxes[0].checks.map(({ id, status }: { id: string; status: string }) => [id, status]));
  expect(statuses).toMatchObject({ "busy-loop": "failed", "memory-heap": "expected-failure" });
});
