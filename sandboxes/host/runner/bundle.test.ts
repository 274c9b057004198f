import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { afterAll, expect, test } from "vitest";
import { runnerBundle } from "./bundle.ts";
import { nodeArguments, runnerEnvironment } from "./node-arguments.ts";

const folder = mkdtempSync(join(tmpdir(), "bundle-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The kind of its first frame: what comes after its length. */
const firstMessage = (file: string) =>
  spawnSync(execPath, [...nodeArguments(2 ** 26), file, "stdio"], { cwd: folder, env: runnerEnvironment }).stdout.toString(
    "latin1",
    4,
    5,
  );
const ready = "R";

test("its compiled code is that of all its functions, and what Node runs of it", async () => {
  const { file, files, source, main } = await runnerBundle();
  expect(files).toEqual([file, `${file}.cache`]);
  expect(readFileSync(`${file}.cache`).byteLength).toBeGreaterThan(source.length);

  // The same length, so that V8 takes the compiled code for this text, which says nothing.
  const other = join(folder, "other.cjs");
  const text = JSON.stringify(main);
  expect(source).toContain(text);
  writeFileSync(
    other,
    source.replace(text, () => JSON.stringify(" ".repeat(main.length))),
  );
  expect(firstMessage(other)).toBe("");
  copyFileSync(`${file}.cache`, `${other}.cache`);
  expect(firstMessage(other)).toBe(ready);
});

test("it starts without its compiled code, and beside something else", async () => {
  const { source } = await runnerBundle();
  const alone = join(folder, "alone.cjs");
  writeFileSync(alone, source);
  expect(firstMessage(alone)).toBe(ready);
  writeFileSync(`${alone}.cache`, "something else");
  expect(firstMessage(alone)).toBe(ready);
});

test("compiled code is made again where this Node does not take it, and kept where it does", async () => {
  const { file } = await runnerBundle();
  const bundle = JSON.stringify(import.meta.resolve("./bundle.ts"));
  const load = () => {
    execFileSync(execPath, ["--disable-warning=ExperimentalWarning", "-e", `import(${bundle}).then((m) => m.runnerBundle())`]);
    return statSync(`${file}.cache`);
  };
  writeFileSync(`${file}.cache`, "something else");
  const made = load();
  expect(made.size).toBeGreaterThan(statSync(file).size);
  expect(load().ino).toBe(made.ino);
});
