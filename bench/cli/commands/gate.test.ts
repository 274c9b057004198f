import { execFileSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  BenchError,
  type CellRecord,
  type PlayRun,
  RECORD_SCHEMA_VERSION,
  type Registries,
  type RunConfig,
  type RunInfo,
  registry,
} from "../../../contract/index.ts";
import { fakeProcess } from "../../../testing/fake-process.ts";
import { codeRecord, goodRecords, itemsOf, ledgerOf, runOf } from "../../../testing/records.ts";
import { selectionOf } from "../../gate/selection.ts";
import { RECORDS_FILE, RUN_FILE } from "../../records/files.ts";
import { createRun, openRecords } from "../../records/record.ts";
import { runCli } from "../cli.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gate-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writeRun(
  name: string,
  records: readonly CellRecord[] = goodRecords,
  planned = records.length,
  changes: Partial<RunInfo> = {},
): Promise<void> {
  await createRun(join(folder, name), runOf({ runId: name, plannedCells: planned, ...changes }));
  const writer = await openRecords(join(folder, name));
  for (const record of records) writer.append(record);
  writer.close();
}

async function gate(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cli = fakeProcess({ args: ["gate", ...args], cwd: folder, env });
  const code = await runCli(cli);
  return { code, ...cli.written };
}

const read = (name: string) => readFile(join(folder, name), "utf8");

/** The good records with one token more in one program's output. */
const grown = goodRecords.map((record) =>
  record.key.mode === "code-execution" && record.key.seed === 3 ? codeRecord({ seed: 3 }, 1) : record,
);
const tight = {
  budgets: [{ scenario: "sheet-filter", mode: "code-execution", policy: "minimal", measure: "peakContext", limit: "1 k" }],
};

const withoutFigures = (status: "harness-error" | "model-error" | "sandbox-unavailable", seed = 1): CellRecord => ({
  schemaVersion: RECORD_SCHEMA_VERSION,
  machine: "m1",
  key: codeRecord({ seed }).key,
  status,
  code: "x",
  message: "",
});

describe("a lockfile", () => {
  test("written by --update holds the run that it was written from, and finds one token more", async () => {
    await writeRun("before");
    await writeRun("after", grown);
    const written = await gate(["before", "--baseline", "lock.json", "--update"]);
    expect(written).toMatchObject({ code: 0, stderr: "" });
    expect(written.stdout).toContain("The figures of 7 cells are the baseline now. Commit the file.");
    expect(await gate(["before", "--baseline", "lock.json"])).toMatchObject({ code: 0, stderr: "" });
    const red = await gate(["after", "--baseline", "lock.json", "--why"]);
    expect(red.code).toBe(1);
    expect(red.stdout).toMatchInlineSnapshot(`
      "Gate of after (run after): 9 records of 9 planned cells

      Baseline, lock.json
        passed   2 unchanged
        failed   sheet-filter, rows=1000, serverQuery=false, own tools, code-execution, policy minimal
                 peakContext +1: 1,000 to 1,001 in seed 3; grew in 1 of 3 seeds
                 billedInput +2: 2,000 to 2,002 in seed 3; grew in 1 of 3 seeds
                 Mend what grew or, if it is meant, make this run the baseline: mcp-code-bench gate after --baseline lock.json --update
                 why peakContext changed, seed 3  +1
                   codeOutput                     +1
                     filter.ts                    +1
                 why billedInput changed, seed 3  +2
                   codeOutput                     +2
                     filter.ts                    +2

      Failed: 3 of 4 checks passed, 1 failed.
      "
    `);
  });

  test("is tokens.lock.json unless --baseline names another, and a second update gives the same bytes", async () => {
    await writeRun("run");
    await gate(["run", "--update"]);
    const first = await read("tokens.lock.json");
    await gate(["run", "--update"]);
    expect(await read("tokens.lock.json")).toBe(first);
  });

  test.each([
    ["an incomplete run", goodRecords.slice(1), 9, 1],
    ["a run with a cell that did not pass", [withoutFigures("model-error")], 1, 1],
    ["a run with a harness error", [withoutFigures("harness-error")], 1, 2],
    ["a run without records", [], 9, 1],
  ])("is not made from %s", async (_, records, planned, code) => {
    await writeRun("run", records, planned);
    expect((await gate(["run", "--update"])).code).toBe(code);
    await expect(read("tokens.lock.json")).rejects.toThrow("ENOENT");
  });

  test("is updated where a budget is exceeded, and the gate fails all the same", async () => {
    await writeRun("run", grown);
    await writeFile(join(folder, "budgets.json"), JSON.stringify(tight));
    expect((await gate(["run", "--update", "--budget", "budgets.json"])).code).toBe(1);
    expect(await read("tokens.lock.json")).toContain('"lockVersion": 3');
  });
});

/** For commands that play nothing. */
const registries: Registries = {
  scenarios: registry("scenario", {}),
  modes: registry("mode", {}),
  agents: registry("scripted agent of mode", {}),
  models: registry("model", {}),
  sandboxes: registry("sandbox", {}),
  executors: registry("executor", {}),
  counters: registry("counter", {}),
  reporters: registry("reporter", {}),
  servers: registry("server", {}),
};

test("the command that is named for another selection plays the baseline's, whatever was asked for", async () => {
  const asked = runOf().config;
  const config: RunConfig = {
    ...asked,
    scenarios: ["sheet-filter", "!slack-polling"],
    modes: ["code-execution", "direct-tool-call"],
    policies: ["thorough", "minimal"],
    outputSchemas: ["all", "none"],
    bounds: false,
    tools: [400, null],
    params: ["rows=5", "name=it's odd, isn't it"],
    seeds: 7,
    profile: "claude-sonnet-4.5",
    catalogue: join(folder, "servers", "catalogue.json"),
  };
  await writeRun("before", goodRecords, goodRecords.length, { config });
  await writeRun("after", goodRecords.slice(1));
  await gate(["before", "--update"]);
  const { stdout } = await gate(["after", "--baseline", "tokens.lock.json"]);
  const lines = stdout.split("\n").map((line) => line.trim());
  const prefix = "Play the baseline's selection: mcp-code-bench ";
  const command = lines.find((line) => line.startsWith(prefix)) ?? "";
  expect(lines).toContain("Or make this run the baseline: mcp-code-bench gate after --baseline tokens.lock.json --update");
  expect(lines.filter((line) => line.startsWith("This run was asked for "))).toHaveLength(10);

  const words = execFileSync("sh", ["-c", `printf '%s\\0' ${command.slice(prefix.length)}`], { encoding: "utf8" }).split("\0");
  const played: RunConfig[] = [];
  const playRun: PlayRun = (options) => {
    played.push(options.config);
    return Promise.reject(new BenchError("ABORTED"));
  };
  await runCli(fakeProcess({ args: words.slice(0, -1), cwd: folder, playRun, registries }));
  expect(played).toHaveLength(1);
  expect(selectionOf(played[0] ?? asked, folder)).toEqual(selectionOf(config, folder));
  expect(played[0]).toMatchObject({ counters: ["o200k_base"], serialisations: ["json"], catalogue: config.catalogue });
});

test("another run's folder is a baseline too", async () => {
  await writeRun("before");
  await writeRun("after", grown);
  expect((await gate(["before", "--baseline", "before"])).code).toBe(0);
  expect((await gate(["after", "--baseline", "before"])).code).toBe(1);
  expect((await gate(["before", "--baseline", "after"])).stdout).toContain(
    "Fewer tokens than the baseline. To keep it so, make this run the baseline: give --baseline before from now on",
  );
});

describe("the records", () => {
  test("are those of the latest run under results/ where no folder is given", async () => {
    await writeRun("results/old", grown);
    await writeRun("results/new");
    await utimes(join(folder, "results/old", RUN_FILE), 1, 1);
    await mkdir(join(folder, "results/zzz-empty"));
    await writeFile(join(folder, "budgets.json"), JSON.stringify(tight).replace("1 k", "2 k"));
    const { code, stdout } = await gate(["--budget", "budgets.json"]);
    expect(stdout).toContain("Gate of results/new (run results/new)");
    expect(code).toBe(0);
  });

  test("of an interrupted run fail, also where only its last line is torn", async () => {
    await writeRun("run", goodRecords, goodRecords.length);
    await gate(["run", "--update"]);
    await appendFile(join(folder, "run", RECORDS_FILE), '{"schemaVersion":3,"key":{"scen');
    const { code, stdout } = await gate(["run", "--baseline", "tokens.lock.json"]);
    expect(code).toBe(1);
    expect(stdout).toContain("The last record is incomplete: the run was cut short.");
  });
});

describe("a run with a harness error exits with 2, because nothing can be judged by it", () => {
  const budget = { scenario: "sheet-filter", mode: "code-execution" };
  const judged = async (records: readonly CellRecord[], limits: object) => {
    await rm(join(folder, "run"), { recursive: true, force: true });
    await writeRun("run", records);
    await writeFile(join(folder, "budgets.json"), JSON.stringify({ budgets: [{ ...budget, ...limits }] }));
    return gate(["run", "--budget", "budgets.json"]);
  };
  const loose = { measure: "success", limit: "0%" };

  test("where every cell is one, and the budgets alone would pass or warn", async () => {
    const { code, stdout } = await judged(
      [1, 2].map((seed) => withoutFigures("harness-error", seed)),
      {
        measure: "playMs",
        limit: "1 s",
      },
    );
    expect(code).toBe(2);
    expect(stdout).toContain(
      [
        "  failed   no cell ended in a harness error",
        "           2 of 2 records are harness errors: the program failed there, and not the work.",
        "           See why: mcp-code-bench report run",
      ].join("\n"),
    );
  });

  test("where one cell is", async () => {
    expect((await judged([codeRecord({ seed: 1 }), withoutFigures("harness-error", 2)], loose)).code).toBe(2);
  });

  test("and one without does not, whatever its cells ended in", async () => {
    const failed = [withoutFigures("model-error", 1), withoutFigures("sandbox-unavailable", 2)];
    expect((await judged(failed, loose)).code).toBe(0);
    expect((await judged(failed, { ...loose, limit: "1%" })).code).toBe(1);
  });

  test("and its JSON counts them", async () => {
    await writeRun("run", [withoutFigures("harness-error")]);
    await writeFile(join(folder, "budgets.json"), JSON.stringify(tight));
    const { code, stdout } = await gate(["run", "--budget", "budgets.json", "--json"]);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 2, passed: false, records: 1, harnessErrors: 1 });
  });
});

describe("output", () => {
  beforeEach(async () => {
    await writeRun("before");
    await writeRun("after", grown);
    await gate(["before", "--update"]);
    await writeFile(join(folder, "budgets.json"), JSON.stringify(tight));
  });
  const red = ["after", "--baseline", "tokens.lock.json", "--budget", "budgets.json", "--why"];

  test("as JSON is one document with every check", async () => {
    const { code, stdout } = await gate([...red, "--json"]);
    expect(code).toBe(1);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      passed: false,
      runId: "after",
      files: { results: "after", budget: "budgets.json", baseline: "tokens.lock.json" },
      records: 9,
      harnessErrors: 0,
      plannedCells: 9,
    });
    expect(report.checks.map(({ about, status }: { about: string; status: string }) => [about, status])).toEqual([
      ["run", "passed"],
      ["budget", "failed"],
      ["baseline", "failed"],
      ["baseline", "passed"],
      ["baseline", "passed"],
    ]);
  });

  test("for GitHub is one line an annotation", async () => {
    const { stdout } = await gate([...red, "--format", "github"]);
    expect(stdout).toMatchInlineSnapshot(`
      "::error title=Budget%3A sheet-filter%2C code-execution%2C policy minimal%3A peakContext at most 1 k::1,100 tokens of 1,000 at most: 100 too many, in 2 of 3 cells.%0AMost in sheet-filter, rows=1000, serverQuery=false, own tools, code-execution, policy minimal, seed 2, o200k_base json, ledger rules 2.%0AMend what costs too much, or raise the limit in budgets.json.%0Awhat peakContext is, seed 2 1,100%0A  codeOutput 600%0A    filter.ts 600%0A  discovery 300%0A    list-servers 300%0A  system 200
      ::error title=Baseline%3A sheet-filter%2C rows=1000%2C serverQuery=false%2C own tools%2C code-execution%2C policy minimal::peakContext +1: 1,000 to 1,001 in seed 3; grew in 1 of 3 seeds%0AbilledInput +2: 2,000 to 2,002 in seed 3; grew in 1 of 3 seeds%0AMend what grew or, if it is meant, make this run the baseline: mcp-code-bench gate after --baseline tokens.lock.json --update%0Awhy peakContext changed, seed 3 +1%0A  codeOutput +1%0A    filter.ts +1%0Awhy billedInput changed, seed 3 +2%0A  codeOutput +2%0A    filter.ts +2
      "
    `);
  });

  test("on GitHub Actions adds annotations to the text and a step summary to its file", async () => {
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(folder, "summary.md") };
    await writeFile(join(folder, "summary.md"), "before\n");
    const { stdout } = await gate(red, env);
    expect(stdout).toContain("Failed: ");
    expect(stdout.split("\n").filter((line) => line.startsWith("::error "))).toHaveLength(2);
    expect(await read("summary.md")).toMatchInlineSnapshot(`
      "before
      ### Token gate

      ❌ Failed: 3 of 5 checks passed, 2 failed. 9 records of 9 planned cells.

      | | check | found |
      |---|---|---|
      | failed | Budget: sheet-filter, code-execution, policy minimal: peakContext at most 1 k | 1,100 tokens of 1,000 at most: 100 too many, in 2 of 3 cells.<br>Most in sheet-filter, rows=1000, serverQuery=false, own tools, code-execution, policy minimal, seed 2, o200k\\_base json, ledger rules 2.<br>Mend what costs too much, or raise the limit in budgets.json. |
      | failed | Baseline: sheet-filter, rows=1000, serverQuery=false, own tools, code-execution, policy minimal | peakContext +1: 1,000 to 1,001 in seed 3; grew in 1 of 3 seeds<br>billedInput +2: 2,000 to 2,002 in seed 3; grew in 1 of 3 seeds<br>Mend what grew or, if it is meant, make this run the baseline: mcp-code-bench gate after --baseline tokens.lock.json --update |

      **sheet-filter, code-execution, policy minimal: peakContext at most 1 k**

      | tokens | cause | tool or block |
      |---:|---|---|
      | 1,100 | **what peakContext is, seed 2** |  |
      | 600 | codeOutput |  |
      | 600 |  | filter.ts |
      | 300 | discovery |  |
      | 300 |  | list-servers |
      | 200 | system |  |

      **sheet-filter, rows=1000, serverQuery=false, own tools, code-execution, policy minimal**

      | tokens | cause | tool or block |
      |---:|---|---|
      | +1 | **why peakContext changed, seed 3** |  |
      | +1 | codeOutput |  |
      | +1 |  | filter.ts |
      | +2 | **why billedInput changed, seed 3** |  |
      | +2 | codeOutput |  |
      | +2 |  | filter.ts |

      "
    `);
  });

  test("on GitHub Actions keeps a JSON document whole", async () => {
    const { stdout } = await gate([...red, "--json"], { GITHUB_ACTIONS: "true" });
    expect(() => JSON.parse(stdout)).not.toThrow();
  });

  test("a summary file that cannot be written is said and changes no verdict", async () => {
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: folder };
    const { code, stderr } = await gate(["before", "--baseline", "tokens.lock.json"], env);
    expect(code).toBe(0);
    expect(stderr).toContain("The step summary was not written: EISDIR");
  });

  test("with --out goes to a file, and people still read the text", async () => {
    const { stdout } = await gate([...red, "--format", "junit", "--out", "gate.xml"]);
    expect(stdout).toContain("Failed: ");
    expect(elements(await read("gate.xml"))).toEqual([
      "testsuites",
      ...["testsuite", "testcase"],
      ...["testsuite", "testcase", "failure"],
      ...["testsuite", "testcase", "failure", "testcase", "testcase"],
    ]);
  });
});

describe("names from servers and files", () => {
  const name = 'a\n::error::x%0A ##[add-mask]y]]> <b a="1">&\u0000\u001b[31m\ud800\uffff|`';
  beforeEach(async () => {
    const ledgers = [ledgerOf({ code: 2000 }, {})];
    const items = itemsOf(ledgers[0]).map((item) => ({ ...item, name: `::error::${name}` }));
    await writeRun("run", [codeRecord({ scenario: `::error::${name}`, params: { [name]: name } }, 0, { ledgers, items })]);
    const budget = { ...tight.budgets[0], scenario: `::error::${name}`, limit: 1 };
    await writeFile(join(folder, "budgets.json"), JSON.stringify({ budgets: [budget] }));
  });
  const args = ["run", "--budget", "budgets.json", "--why"];

  test("never become workflow commands, colours or lines of their own", async () => {
    const { stdout } = await gate(args, { GITHUB_ACTIONS: "true" });
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toContain("\u0000");
    const lines = stdout.split("\n");
    expect(lines.filter((line) => /^\s*::/.test(line))).toEqual([expect.stringMatching(/^::error title=[^:]*::[^\r\n]*$/)]);
    const text = lines.filter((line) => !line.startsWith("::error title=")).join("\n");
    expect(text).not.toContain("##[");
  });

  test("leave JUnit's XML well-formed", async () => {
    const { stdout } = await gate([...args, "--format", "junit"]);
    expect(elements(stdout)).toEqual(["testsuites", "testsuite", "testcase", "testsuite", "testcase", "failure"]);
    expect(stdout).not.toMatch(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/);
  });

  test("leave the summary's table a table", async () => {
    await gate(args, { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(folder, "summary.md") });
    const summary = await read("summary.md");
    expect(summary).not.toContain("<b ");
    expect(summary.split("\n").filter((line) => line !== "" && !/^(\||\*\*|###|❌)/.test(line))).toEqual([]);
  });
});

/** Names of an XML text's elements in their order; throws if it is not well-formed (of what JUnit files use). */
function elements(xml: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  const rest = xml
    .replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>/, "")
    .replaceAll(
      /<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*) ?(\/?)>/g,
      (_, close: string, name: string, attributes: string, empty: string) => {
        if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(attributes)) throw new Error(`Bad attribute in ${name}: ${attributes}`);
        if (close === "/" && open.pop() !== name) throw new Error(`</${name}> closes another element.`);
        if (close === "") found.push(name);
        if (close === "" && empty === "") open.push(name);
        return "";
      },
    );
  if (open.length > 0 || /[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.test(rest)) throw new Error(`Not well-formed: ${open} ${rest}`);
  return found;
}

describe("bad input exits with 2 and says the fix", () => {
  beforeEach(() => writeRun("run"));
  const bad: readonly (readonly [string, readonly string[], string])[] = [
    ["nothing to judge by", ["run"], "There is nothing to judge by. Give --budget FILE, --baseline DIR|FILE or both"],
    ["no run", ["--budget", "b.json"], "There is no run under results/."],
    ["a folder without a run", [".", "--baseline", "run"], "run.json: not found"],
    ["no budget file", ["run", "--budget", "b.json"], "b.json: not found. Give the file that holds the budgets."],
    ["a broken budget file", ["run", "--budget", `run/${RECORDS_FILE}`], "not valid JSON"],
    ["no lockfile", ["run", "--baseline", "lock.json"], "lock.json: not found. Write it with mcp-code-bench gate --update"],
    ["a broken lockfile", ["run", "--baseline", `run/${RUN_FILE}`], "gate --update"],
    ["a lockfile that is a folder", ["run", "--baseline", "run", "--update"], "run: cannot be written"],
    ["an unknown format", ["run", "--baseline", "run", "--format", "junti"], 'Unknown format "junti". Did you mean "junit"?'],
    ["a file that cannot be written", ["run", "--baseline", "run", "--out", "no/where"], "no/where: cannot be written (ENOENT)"],
    ["an unknown flag", ["run", "--budgets", "b.json"], "Did you mean --budget?"],
  ];
  test.each(bad)("%s", async (_, args, message) => {
    const { code, stderr, stdout } = await gate(args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  test("a broken record names its line", async () => {
    const file = join(folder, "run", RECORDS_FILE);
    const lines = (await readFile(file, "utf8")).split("\n");
    await writeFile(file, lines.with(2, lines[2]?.replace('"totals":{"peakContext"', '"totals":{"peak"') ?? "").join("\n"));
    const { code, stderr } = await gate(["run", "--update"]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${RECORDS_FILE}, line 3: ledgers.0.totals.peakContext: `);
  });

  test("a record whose totals do not equal their table names its line, the figure and both sums", async () => {
    const file = join(folder, "run", RECORDS_FILE);
    const lines = (await readFile(file, "utf8")).split("\n");
    await writeFile(
      file,
      lines.with(1, lines[1]?.replace('"totals":{"peakContext":1000', '"totals":{"peakContext":900') ?? "").join("\n"),
    );
    const { code, stderr, stdout } = await gate(["run", "--update"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.replace(folder, "")).toBe(
      "error: /run/records.jsonl, line 2: ledgers.0.totals.peakContext: 900, and its table adds up to 1,000. Restore the file, or delete that line to do without its cell.\n",
    );
  });
});
