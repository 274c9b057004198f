/** The command as a user starts it: whole processes, real servers, real files, real signals. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getuid } from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SavedTranscript } from "../../contract/index.ts";
import { cellId } from "../records/cell-id.ts";
import { readRecords } from "../records/read-records.ts";

const bin = fileURLToPath(new URL("../bin.mjs", import.meta.url));
const recount = fileURLToPath(new URL("../../scripts/recount.ts", import.meta.url));
const hostile = fileURLToPath(new URL("../../testing/hostile-server.ts", import.meta.url));
const everything = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-everything/dist/index.js"));

/** A selection that plays in a moment. */
const quick = [
  "slack-polling",
  "--param",
  "polls=2",
  "--tools",
  "own",
  "--counter",
  "o200k_base",
  "--no-controls",
  "--no-bounds",
];

let folder = "";
let next = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const freshFolder = () => join(folder, `out-${next++}`);

function start(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return spawn(process.execPath, [bin, "run", ...args], { stdio: ["ignore", "pipe", "pipe"], env });
}

async function finish(child: ChildProcess) {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code, signal] = await once(child, "close");
  return { code, signal, stdout, stderr };
}

const run = (args: readonly string[], env?: NodeJS.ProcessEnv) => finish(start(args, env));

/** Processes whose command line holds `text`; on a system without /proc, none. */
async function processesWith(text: string): Promise<string[]> {
  const pids = existsSync("/proc/self") ? (await readdir("/proc")).filter((name) => /^\d+$/.test(name)) : [];
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(text));
}

test("a run leaves its configuration, records and reports, and says where", async () => {
  const out = freshFolder();
  const { code, stdout } = await run([...quick, "--seeds", "2", "--out", out]);
  expect(code).toBe(0);
  expect(await readdir(out)).toEqual(["records.csv", "records.jsonl", "run.json", "summary.md", "summary.svg"]);
  for (const file of await readdir(out)) expect(stdout).toContain(file);
  const { records, notes } = await readRecords(out);
  expect(notes).toEqual([]);
  expect(records.map(({ status }) => status)).toEqual(Array(4).fill("passed"));
});

test("the same run twice gives the same records apart from time and from the order of the cells", async () => {
  const played = [];
  for (const order of ["1", "2"]) {
    const out = freshFolder();
    await run([...quick, "--seeds", "2", "--order-seed", order, "--out", out]);
    const { records } = await readRecords(out);
    const timeless = records.map((record) => JSON.stringify({ ...record, measured: undefined }));
    played.push(timeless.sort());
  }
  expect(played[0]).toEqual(played[1]);
});

test("saved transcripts are recounted to the same totals by another tokenizer", async () => {
  const out = freshFolder();
  const args = ["drive-to-salesforce", "slack-polling", "--param", "minutes=3", "--param", "polls=3", "--seeds", "1"];
  expect(await run([...args, "--tools", "60", "--save-transcripts", "--out", out])).toMatchObject({ code: 0 });
  const counted = await finish(spawn(process.execPath, [recount, out]));
  expect(counted).toMatchObject({ code: 0 });
  expect(counted.stdout).toMatch(/All \d+ figures agree/);
});

test.skipIf(!existsSync("/dev/full"))(
  "a disk that is full while transcripts are written ends the run with its fix, and loses nothing",
  async () => {
    const args = [...quick, "--seeds", "2", "--save-transcripts", "--out"];
    const [whole, out] = [freshFolder(), freshFolder()];
    await run([...args, whole]);
    const { records } = await readRecords(whole);
    const third = 2;
    // Cells play in one order each time; a write to this device fails as on a full disk.
    const names = records.map((record) => `${cellId(record.key)}.json`);
    await mkdir(join(out, "transcripts"), { recursive: true });
    await symlink("/dev/full", join(out, "transcripts", `${names[third]}.tmp`));
    expect(await run([...args, out])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `error: Cannot write results to ${out}: transcripts/${names[third]} cannot be written (ENOSPC). ` +
          `Make room on its disk, then play the rest: mcp-code-bench run --resume ${out}\n`,
      ),
    });
    expect((await readRecords(out)).records).toHaveLength(third);
    expect((await readdir(join(out, "transcripts"))).sort()).toEqual(names.slice(0, third).sort());
    expect(await run(["--resume", out])).toMatchObject({ code: 0 });
    expect((await readRecords(out)).records).toHaveLength(names.length);
  },
);

test("Ctrl-C ends with a report of what finished, and 130", async () => {
  const out = freshFolder();
  const child = start([...quick, "--seeds", "2000", "--out", out]);
  const ended = finish(child);
  while (!existsSync(join(out, "records.jsonl"))) await new Promise((resolve) => setTimeout(resolve, 20));
  setTimeout(() => child.kill("SIGINT"), 300);
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toContain(`Play the rest with: mcp-code-bench run --resume ${out}\n`);
  expect(stdout).toMatch(/Interrupted: \d+ of 4000 cells/);
  expect(await readdir(out)).toEqual(["records.csv", "records.jsonl", "run.json", "summary.md", "summary.svg"]);
});

test("of two runs into one folder one is refused, and the other is whole", async () => {
  const out = freshFolder();
  const ended = await Promise.all([run([...quick, "--out", out]), run([...quick, "--out", out])]);
  expect(ended.map(({ code }) => code).sort()).toEqual([0, 2]);
  expect(ended.find(({ code }) => code === 2)?.stderr).toContain("Choose another folder with --out");
  expect((await readRecords(out)).records).toHaveLength(10);
});

describe("bad input exits with 2 before anything is played", () => {
  test.each<[string, readonly string[], string]>([
    ["an unknown scenario", ["slack-poling"], 'Did you mean "slack-polling"?'],
    ["an unknown mode", ["--mode", "direct"], "Known: direct-tool-call"],
    ["an unknown parameter", ["--param", "minute=3"], 'Did you mean "minutes"?'],
    ["a parameter out of range", ["--param", "minutes=0"], "minutes"],
    ["a parameter of the wrong type", ["--param", "polls=many"], "polls"],
    ["an unknown profile", ["--profile", "gpt"], "Known: claude-sonnet-5.5, claude-sonnet-4.5"],
    ["too few tools", ["--tools", "3", "slack-polling"], "tools that slack-polling brings itself. Give "],
    ["a catalogue that is not there", ["--catalogue", "no-such.json"], "no-such.json"],
  ])("%s", async (_, args, message) => {
    const out = freshFolder();
    const { code, stderr } = await run([...args, "--out", out]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(existsSync(out)).toBe(false);
  });

  test.skipIf(getuid?.() === 0)("a folder that cannot be written", async () => {
    const locked = freshFolder();
    await mkdir(locked);
    await chmod(locked, 0o500);
    expect(await run([...quick, "--out", join(locked, "x")])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--out"),
    });
  });

  test("a folder below a file", async () => {
    const file = freshFolder();
    await writeFile(file, "");
    expect(await run([...quick, "--out", join(file, "x")])).toMatchObject({ code: 2, stderr: expect.stringContaining("--out") });
  });
});

test("a sandbox of a configuration that throws ends the run with its name, and those made before it are disposed of", async () => {
  const file = join(folder, "throws.ts");
  const disposed = join(folder, "disposed");
  await writeFile(
    file,
    `import { writeFileSync } from "node:fs";
    const sandbox = (id: string, own: object) => () => ({
      id, title: id, isolation: "none", control: true, languages: ["javascript"], enforces: [], bridgeTransport: "none",
      persists: { files: false, globals: [] }, version: "1", maxSessions: 1, emulates: null, configuration: {},
      available: async () => ({ status: "available" }), async open() { throw new Error("not opened here"); },
      async sweep() {}, async dispose() {}, ...own,
    });
    export default {
      sandboxes: {
        first: sandbox("first", { async dispose() { writeFileSync(${JSON.stringify(disposed)}, ""); } }),
        second: sandbox("second", { async sweep() { throw new Error("boom"); }, async dispose() { throw new Error("later"); } }),
      },
    };`,
  );
  const ran = await run([...quick, "--config", file, "--sandbox", "first,second", "--out", freshFolder()]);
  expect(ran).toMatchObject({
    ...{ code: 2, stdout: "" },
    stderr: `error: Configuration ${file}: sandbox "second" threw in sweep(): boom. It must leave what it cannot remove, and not throw.\n`,
  });
  expect(existsSync(disposed)).toBe(true);
});

describe("--catalogue", () => {
  async function catalogue(mcpServers: object): Promise<string> {
    const file = `${freshFolder()}.json`;
    await writeFile(file, JSON.stringify({ mcpServers }));
    return file;
  }

  test("adds a real server's definitions to both modes", async () => {
    const file = await catalogue({ everything: { command: process.execPath, args: [everything] } });
    const out = freshFolder();
    const args = [...quick, "--seeds", "1", "--save-transcripts", "--catalogue", file, "--out", out];
    expect(await run(args)).toMatchObject({ code: 0 });
    const runJson = JSON.parse(await readFile(join(out, "run.json"), "utf8"));
    const [server] = runJson.catalogueServers;
    expect(server).toMatchObject({ name: "everything", protocol: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) });
    const names = await readdir(join(out, "transcripts"));
    const texts = await Promise.all(names.map((name) => readFile(join(out, "transcripts", name), "utf8")));
    const saved = texts.map((text): SavedTranscript => JSON.parse(text));
    const transcriptOf = (mode: string) => saved.find(({ key }) => key.mode === mode)?.episodes[0]?.contexts[0]?.transcript;
    const tools = transcriptOf("direct-tool-call")?.tools ?? [];
    expect(tools.filter(({ name }) => name.startsWith("everything__"))).toHaveLength(server.tools);
    const [listed] = transcriptOf("code-execution")?.messages[2]?.content ?? [];
    expect(listed?.type === "tool_result" && listed.content.split("\n")).toContain("everything");
  });

  test("cannot be resumed where a server says something else of itself: the model would be shown other instructions", async () => {
    const saying = (text: string) => ({ odd: { command: process.execPath, args: [hostile, "says-of-itself", text] } });
    const file = await catalogue(saying("Read before you write."));
    const out = freshFolder();
    const args = [...quick, "--seeds", "1", "--mode", "direct-tool-call", "--catalogue", file, "--out", out];
    expect(await run(args)).toMatchObject({ code: 0 });
    await writeFile(file, JSON.stringify({ mcpServers: saying("Write before you read.") }));
    expect(await run(["--resume", out])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("the versions changed: instructions of server odd"),
    });
  });

  test("with tool names that the Messages API would refuse is counted, and says so on stderr and in the report", async () => {
    const file = await catalogue({ odd: { command: process.execPath, args: [hostile, "odd-names"] } });
    const out = freshFolder();
    const args = [...quick, "--seeds", "1", "--mode", "direct-tool-call", "--catalogue", file, "--quiet", "--out", out];
    const ran = await run(args);
    const note =
      "The Messages API would refuse 3 of the 4 tool names of catalogue server odd, which may have letters, digits, _ and -, " +
      `at most 128 with the server's name: odd__dots.in.it, odd__\\u001b[31m, odd__${"x".repeat(135)}.... ` +
      "They are counted as they are; a client has to rename them.";
    expect(ran).toMatchObject({ code: 0, stderr: `note: ${note}\n` });
    expect(ran.stdout.replaceAll(/\s+/g, " ")).toContain(note.slice(0, 60));
    expect(await readFile(join(out, "summary.md"), "utf8")).toContain("would refuse 3 of the 4 tool names");
  });

  test("counts with the scenario's tools where --tools is too low, and only then is spoken of", async () => {
    const file = await catalogue({ everything: { command: process.execPath, args: [everything] } });
    expect(await run([...quick, "--tools", "3", "--catalogue", file, "--out", freshFolder()])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("tools that slack-polling and the catalogue bring themselves. Give "),
    });
  });

  test("a server with a scenario's name is refused before anything is played", async () => {
    const taken = await catalogue({ slack: { command: process.execPath, args: [everything] } });
    const out = freshFolder();
    expect(await run([...quick, "--catalogue", taken, "--out", out])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('MCP server "slack" cannot be used: the scenario slack-polling has a server of that name'),
    });
    expect(existsSync(out)).toBe(false);
  });

  test.each([
    ["hangs", "hangs-at-initialize"],
    ["crashes", "crash-at-start"],
    ["sends rubbish", "rubbish"],
  ])("a server that %s is a clear error and leaves no process", async (_, behaviour) => {
    const out = freshFolder();
    const file = await catalogue({ bad: { command: process.execPath, args: [hostile, behaviour, out] } });
    const { code, stderr } = await run([...quick, "--catalogue", file, "--catalogue-timeout", "1500", "--out", out]);
    expect(code).toBe(2);
    expect(stderr).toContain('MCP server "bad" cannot be used');
    expect(stderr.includes("or raise --catalogue-timeout.")).toBe(behaviour === "hangs-at-initialize");
    expect(await processesWith(out)).toEqual([]);
    expect(existsSync(out)).toBe(false);
  });
});
