/**
 * What a user of the package gets: it is built and packed once, unpacked into the node_modules of another project, and
 * used there. No registry is asked: what it depends on is linked from this repository.
 */

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { env, execPath, platform } from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../bench/records/read-records.ts";
import { publishedVocabulary, shippedFile, vocabularyIds } from "../bench/tokens/counters/vocabulary.ts";
import type { CellRecord } from "../contract/index.ts";
import { hashesOf } from "../testing/records.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "package-test-"));
const project = join(home, "project");
const installed = join(project, "node_modules/mcp-code-bench");
const bin = join(installed, "dist/bench/bin.mjs");
const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const tarball = join(home, `mcp-code-bench-${about.version}.tgz`);

function call(command: string, args: readonly string[], cwd: string, expectedStatus = 0, input = "") {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...{ cwd, input },
    encoding: "utf8",
    // Windows has npm as a script.
    shell: platform === "win32" && command === "npm",
  });
  if (error !== undefined) throw error;
  expect({ status, ...(status === expectedStatus ? {} : { stdout, stderr }) }).toEqual({ status: expectedStatus });
  return { stdout, stderr };
}

/** A tool of this repository, run with the Node that runs the tests. */
const tool = (file: string, args: readonly string[], cwd = project) =>
  call(execPath, [join(root, "node_modules", file), ...args], cwd);
const bench = (...args: string[]) => call(execPath, [bin, ...args], project);

function link(name: string): void {
  const target = join(project, "node_modules", name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(root, "node_modules", name), target, "junction");
}

beforeAll(() => {
  call("npm", ["pack", "--silent", "--pack-destination", home], root);
  cpSync(join(root, "examples/own-parts"), project, {
    recursive: true,
    filter: (path) => !/[\\/](node_modules|results|\.generated)$/.test(path),
  });
  mkdirSync(installed, { recursive: true });
  call("tar", ["-xzf", tarball, "-C", installed, "--strip-components", "1"], home);
  for (const name of [...Object.keys(about.dependencies), "@types/node", "vitest"]) link(name);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test("it holds what runs and nothing else", () => {
  const files = globSync("**/*", { cwd: installed }).filter((path) => statSync(join(installed, path)).isFile());
  const others = files.filter((path) => !path.startsWith("dist/"));
  const pages = globSync("docs/*", { cwd: root });
  expect(others.sort()).toEqual(
    ["CHANGELOG.md", "LICENSE", "README.md", ...pages, "package.json", "scripts/setup-sandboxes.sh"].sort(),
  );
  expect(files.filter((path) => /\.test\.|testing|\/double\/|\/corpus\/|pinned-node|\.map$/.test(path))).toEqual([]);
  const programs = globSync(["scenarios/*/programs/*", "bench/play/modes/code-execution/discovery/*"], { cwd: root });
  expect(programs.length).toBeGreaterThan(5);
  for (const path of programs) expect(readFileSync(join(installed, "dist", path))).toEqual(readFileSync(join(root, path)));
  const rest = files.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts")).map((path) => path.slice("dist/".length));
  expect(rest.sort()).toEqual(programs.sort());
  const bytes = files.reduce((sum, path) => sum + statSync(join(installed, path)).size, 0);
  expect(statSync(tarball).size, "packed").toBeLessThan(3_000_000);
  expect(bytes, "unpacked").toBeLessThan(8_000_000);
});

test("it carries each vocabulary as it was published, and its licence", () => {
  for (const id of vocabularyIds) {
    const shipped = JSON.parse(readFileSync(join(installed, "dist/bench/tokens/counters", shippedFile(id)), "utf8"));
    expect(shipped).toEqual(publishedVocabulary(id));
  }
  const licences = readFileSync(join(installed, "dist/bench/tokens/counters/vocabularies/LICENCES.txt"), "utf8");
  expect(licences).toMatch(/tiktoken.*MIT License.*@anthropic-ai\/tokenizer.*Anthropic, PBC/s);
});

test("it declares every package that it cannot be loaded without", () => {
  const declared = Object.keys({ ...about.dependencies, ...about.optionalDependencies, ...about.peerDependencies });
  // What runs inside workerd imports modules by the names that its configuration gives them.
  const insideWorkerd = /^dist\/sandboxes\/(backends\/workerd\/(isolate\/|outer)|checks\/executors\/codemode\/worker)/;
  const ours = globSync("dist/**/*.{js,mjs}", { cwd: installed }).filter((file) => !insideWorkerd.test(file));
  const undeclared = ours.flatMap((file) => {
    const source = readFileSync(join(installed, file), "utf8");
    // A dynamic import is of something optional, whose absence its importer explains.
    const found = source.matchAll(/^(?:import|export)\s(?:[\w$\s{},*]+\sfrom\s)?"(?<name>(?:@[\w.-]+\/)?[\w.-]+)[^"]*"/gm);
    const names = [...found].map(({ groups }) => groups?.name ?? "").filter((name) => !/^\.|^node$/.test(name));
    return names.filter((name) => !declared.includes(name)).map((name) => `${file} imports ${name}`);
  });
  expect(undeclared).toEqual([]);
});

test("the command answers: version, help, lists", () => {
  expect(bench("--version").stdout).toBe(`${about.version}\n`);
  expect(bench("--help").stdout).toContain("Begin with: mcp-code-bench run");
  const { stdout } = bench("list", "--config", "mcp-code-bench.config.ts");
  for (const id of ["sheet-filter", "quickjs", "o200k_base", "overdue-invoices", "own-node", "words", "peaks"]) {
    expect(stdout).toMatch(new RegExp(`^[* ] ${id} `, "m"));
  }
});

/** What a record says of tokens and of the conversation, in an order that does not depend on times. */
function figures(records: readonly CellRecord[]) {
  return records
    .map((record) => {
      if (record.status !== "passed") return { key: record.key, status: record.status, record };
      return { key: record.key, status: record.status, ledgers: record.ledgers, conversations: hashesOf(record) };
    })
    .sort((a, b) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1));
}

test("it gives the repository's figures, to the token", async () => {
  const small = ["--param", "rows=300", "--param", "minutes=5", "--seeds", "1", "--tools", "own", "--no-bounds"];
  const args = [...small, "--sandbox", "quickjs,subprocess", "--counter", "o200k_base", "--no-controls", "--quiet"];
  const empty = join(home, "empty");
  mkdirSync(empty);
  const play = async (command: string) => {
    const out = mkdtempSync(join(home, "run-"));
    call(execPath, [command, "run", ...args, "--out", out], empty);
    return figures((await readRecords(out)).records);
  };
  const [repository, packed] = [await play(join(root, "bench/bin.mjs")), await play(bin)];
  expect(repository.length).toBeGreaterThan(10);
  expect(new Set(repository.map(({ status }) => status))).toEqual(new Set(["passed"]));
  expect(packed).toEqual(repository);
});

describe("on a Node that is too old", () => {
  const line = `Run: npx --yes --package node@24 -- node ${bin} run --seeds 1\n`;

  test("it exits with 2 and the line to run", () => {
    const old = join(home, "old-node.mjs");
    writeFileSync(
      old,
      `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });
       Object.defineProperty(process, "version", { value: "v20.20.2" });`,
    );
    const { stdout, stderr } = call(execPath, ["--import", old, bin, "run", "--seeds", "1"], project, 2);
    expect({ stdout, stderr }).toEqual({
      stdout: "",
      stderr: `mcp-code-bench needs Node 24 or newer, and this is v20.20.2. ${line}`,
    });
  });

  const older = (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .map((folder) => join(folder, platform === "win32" ? "node.exe" : "node"))
    .filter((file) => existsSync(file))
    .find((file) => Number(/\d+/.exec(spawnSync(file, ["--version"], { encoding: "utf8" }).stdout)?.[0]) < 24);

  test.skipIf(older === undefined)("so does the one of this machine (skipped where there is no older Node)", () => {
    const { stderr } = call(older ?? "", [bin, "run", "--seeds", "1"], project, 2);
    expect(stderr).toMatch(/^mcp-code-bench needs Node 24 or newer, and this is v\d+\.\d+\.\d+\. /);
    expect(stderr.endsWith(line)).toBe(true);
  });
});

describe("its entries", () => {
  test("publint finds nothing, not even a suggestion", () => {
    expect(tool("publint/src/cli.js", [tarball, "--strict"]).stdout).toContain("All good!");
  });

  test("every entry's types are found by an ES module's importer", () => {
    const names = Object.keys(about.exports).filter((entry) => entry !== "./package.json");
    const imports = names.map((entry, n) => {
      const name = entry.replace(".", about.name);
      // What has no code has only globals.
      return about.exports[entry].default === undefined
        ? `import "${name}";`
        : `import type * as entry${n} from "${name}";\nexport type Entry${n} = typeof entry${n};`;
    });
    writeFileSync(join(project, "entries.mts"), imports.join("\n"));
    for (const resolution of [
      ["--module", "nodenext"],
      ["--module", "esnext", "--moduleResolution", "bundler"],
    ]) {
      const flags = ["--noEmit", "--strict", "--noUncheckedSideEffectImports", "--types", "node", "--ignoreConfig"];
      tool("@typescript/native/bin/tsc", [...flags, ...resolution, "entries.mts"]);
    }
    rmSync(join(project, "entries.mts"));
  });

  test("the main one loads no vitest, and what is not an entry is out of reach", () => {
    const load = (name: string) => `await import(${JSON.stringify(name)}).then((m) => Object.keys(m).length > 0, (e) => e.code)`;
    const noVitest = `import { registerHooks } from "node:module";
      registerHooks({ resolve(name, context, next) { if (name === "vitest") throw new Error("vitest"); return next(name, context); } });`;
    const script = `${noVitest} console.log(${load("mcp-code-bench")}, ${load("mcp-code-bench/dist/bench/run/run.js")})`;
    const { stdout } = call(execPath, ["--input-type=module", "--eval", script], project);
    expect(stdout).toBe("true ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  });
});

/** Cells of the example's sandbox and of quickjs differ in nothing but the name. */
function expectSameOnBoth(records: readonly CellRecord[]): void {
  const on = (sandbox: string) =>
    figures(records.filter(({ key }) => key.sandbox === sandbox)).map((cell) => ({ ...cell, key: { ...cell.key, sandbox: "" } }));
  expect(on("quickjs").length).toBeGreaterThan(1);
  expect(new Set(records.map(({ status }) => status))).toEqual(new Set(["passed"]));
  expect(on("own-node")).toEqual(on("quickjs"));
}

describe("a project with parts of its own (examples/own-parts)", () => {
  test("is checked against the package's types, its program against the generated ones", () => {
    bench("types", "overdue-invoices");
    tool("@typescript/native/bin/tsc", ["-p", "."]);
  });

  test("plays them: both modes pass, on its sandbox as on the package's, and its counter and report are there", async () => {
    bench(
      "run",
      "overdue-invoices",
      "--seeds",
      "2",
      "--tools",
      "own",
      "--no-bounds",
      "--sandbox",
      "quickjs,own-node",
      "--out",
      "out",
    );
    const { records } = await readRecords(join(project, "out"));
    const played = new Set(records.map(({ key, status }) => `${key.mode} ${key.sandbox} ${status}`));
    expect(played).toEqual(
      new Set([
        "direct-tool-call null passed",
        "code-execution quickjs passed",
        "code-execution own-node passed",
        "code-execution-echo quickjs passed",
        "code-execution-echo own-node passed",
      ]),
    );
    expectSameOnBoth(records);
    const lines = readFileSync(join(project, "out/peaks.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(records.length);
    for (const line of lines) expect(JSON.parse(line).peakContext["words.json"]).toBeGreaterThan(0);
    expect(bench("report", "out", "--format", "peaks").stdout.trimEnd().split("\n")).toEqual(lines);
  });

  test("its sandbox is held to the conformance checks under vitest", () => {
    const some = "(?<![a-z-])(result|imports|tool-call|read-only-tree|busy-loop|memory-buffers): ";
    const report = join(home, "conformance.json");
    tool("vitest/vitest.mjs", ["run", "--root", ".", "--reporter", "json", "--outputFile", report, "--testNamePattern", some]);
    expect(JSON.parse(readFileSync(report, "utf8"))).toMatchObject({ numPassedTests: 6, numFailedTests: 0 });
  });

  test("its sandbox plays the package's scenarios with the same figures, their servers in processes of their own", async () => {
    const small = ["--param", "rows=300", "--seeds", "1", "--tools", "own", "--no-bounds", "--no-controls"];
    const own = ["--mode", "code-execution", "--sandbox", "quickjs,own-node", "--counter", "words", "--out", "more"];
    bench("run", "sheet-filter", "csv-summary-real", ...small, ...own, "--transport", "stdio");
    expectSameOnBoth((await readRecords(join(project, "more"))).records);
  });
});

describe("a program that plays cells itself (examples/play-cells)", () => {
  const home = join(project, "play-cells");
  const node = (file: string, input = "") => call(execPath, [file], home, 0, input).stdout.trimEnd().split("\n");
  const results = join(home, "results/cells");
  const timeless = (records: readonly CellRecord[]) => records.map((record) => ({ ...record, measured: undefined }));

  beforeAll(() => {
    const filter = (path: string) => !/[\\/](node_modules|results)$/.test(path);
    cpSync(join(root, "examples/play-cells"), home, { recursive: true, filter });
  });

  test("is checked against the package's types", () => {
    tool("@typescript/native/bin/tsc", ["-p", "."], home);
  });

  test("plays into a folder, and the second time only what is missing", async () => {
    expect(node("play.ts")).toHaveLength(4);
    const { records } = await readRecords(results);
    expect(records.map(({ status }) => status)).toEqual(["passed", "passed", "passed", "passed"]);
    const [first = ""] = readFileSync(join(results, "records.jsonl"), "utf8").split("\n");
    writeFileSync(join(results, "records.jsonl"), `${first}\n${first.slice(0, 50)}`);
    expect(node("play.ts")).toHaveLength(3);
    expect(timeless((await readRecords(results)).records)).toEqual(timeless(records));
    expect(bench("report", results).stdout).toContain("slack-polling");
  });

  test("hands its jobs to another process, which gives the same records", async () => {
    const printed = node("worker.ts", node("jobs.ts").join("\n")).map((line): CellRecord => JSON.parse(line));
    expect(timeless(printed)).toEqual(timeless((await readRecords(results)).records));
  });
});
