import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PlayRun, type Registries, registry, type Sandbox } from "../../contract/index.ts";
import { fakeProcess } from "../../testing/fake-process.ts";
import { fakeSandbox } from "../../testing/fake-sandbox.ts";
import { runCli } from "../cli/cli.ts";
import { registries } from "../registries.ts";
import { playRun } from "./run.ts";

let folder = "";
let next = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "language-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const opened: string[] = [];
const disposed: string[] = [];
const made = (id: string, own: Partial<Sandbox>) => async () => () =>
  fakeSandbox({
    ...{ id, beforeOpen: async () => void opened.push(id), dispose: async () => void disposed.push(id) },
    ...own,
  });
const quickjs = () => registries.sandboxes.load("quickjs");
const sandboxes = {
  quickjs,
  both: made("both", { languages: ["python", "javascript"] }),
  control: made("control", { control: true }),
  snake: made("snake", { languages: ["python"] }),
  absent: made("absent", {
    languages: [],
    available: async () => ({ status: "unavailable", reason: "it is not there", fix: "Install it." }),
  }),
};

async function run(own: Partial<Registries>, ...args: readonly string[]) {
  opened.length = 0;
  disposed.length = 0;
  const out = join(folder, `out-${next++}`);
  const quick = ["slack-polling", "--param", "polls=2", "--tools", "own", "--seeds", "1", "--counter", "o200k_base"];
  const play: PlayRun = ({ host, ...given }) =>
    playRun({ ...given, host: { ...host, tmpDir: folder, nodePath: process.execPath } });
  const cli = fakeProcess({
    args: ["run", ...quick, "--no-controls", ...args, "--quiet", "--out", out],
    registries: { ...registries, sandboxes: registry("sandbox", sandboxes), ...own },
    playRun: play,
  });
  return { code: await runCli(cli), out, ...cli.written };
}

test("a sandbox that was named and does not run the programs' language is refused before anything is played", async () => {
  const { code, stdout, stderr, out } = await run({}, "--sandbox", "quickjs,snake");
  expect({ code, stdout, stderr }).toEqual({
    ...{ code: 2, stdout: "" },
    stderr:
      'error: Sandbox "snake" cannot play this run: it runs python, and the programs of code-execution are javascript. ' +
      "Name one that runs javascript: quickjs, both.\n",
  });
  expect(existsSync(out)).toBe(false);
  expect(opened).toEqual([]);
  expect(disposed).toContain("snake");
});

test.each([[[]], [["--sandbox", "!both,!control,!absent"]]])(
  "one that was reached by %j is skipped, with the reason",
  async (args) => {
    const own = { sandboxes: registry("sandbox", args.length === 0 ? { quickjs, snake: sandboxes.snake } : sandboxes) };
    const { code, stdout } = await run(own, ...args);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "Skipped: sandbox snake: it runs python, and the programs of code-execution are javascript. " +
        "Measure it with mcp-code-bench sandboxes --sandbox snake.",
    );
    expect(code).toBe(0);
    expect(opened).toEqual([]);
  },
);

test("a mode says what its programs are written in", async () => {
  const mode = await registries.modes.load("code-execution");
  const modes = registry("mode", {
    "direct-tool-call": () => registries.modes.load("direct-tool-call"),
    python: async () => ({ ...mode, id: "python", sandbox: { languages: ["python"] as const } }),
  });
  const { stderr } = await run({ modes }, "--sandbox", "quickjs");
  expect(stderr).toContain("it runs javascript, and the programs of python are python. Name one that runs python: both, snake.");
});

test("one that declares no language says itself why it cannot run", async () => {
  const { stderr } = await run({}, "--sandbox", "absent");
  expect(stderr).toContain('Sandbox "absent" is unavailable: it is not there. Install it.');
});

test("modes without a sandbox ask nothing of it", async () => {
  expect(await run({}, "--mode", "direct-tool-call", "--sandbox", "snake")).toMatchObject({ code: 0 });
});
