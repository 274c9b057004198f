/** Jobs played by another process, and those that it refuses. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job, RunConfig, RunHost } from "../../contract/index.ts";
import { createHost } from "../host.ts";
import { jobId, readJob } from "./jobs.ts";
import { type PlayedJob, play } from "./play-jobs.ts";
import { type Prepared, prepare, prepareJobs } from "./prepare.ts";
import { runConfig } from "./settings.ts";

const program = fileURLToPath(new URL("../../testing/play-job.ts", import.meta.url));
const hostile = fileURLToPath(new URL("../../testing/hostile-server.ts", import.meta.url));

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobs-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quick = {
  ...{ scenarios: ["slack-polling"], params: ["polls=2"], tools: [null], seeds: 1, sandboxes: ["quickjs"] },
  ...{ bounds: false, controls: false, counters: ["o200k_base"] },
};

/** What `use` makes of a prepared run, which is closed then. */
async function prepared<T>(changes: Partial<RunConfig>, configFile: string | undefined, use: (run: Prepared) => Promise<T> | T) {
  const host = await createHost({ tmpDir: folder, ...(configFile === undefined ? {} : { configFile }) });
  const run = await prepare(runConfig({ ...quick, ...changes }), host);
  try {
    return await use(run);
  } finally {
    await run.close();
  }
}

const jobsOf = (changes: Partial<RunConfig> = {}, configFile?: string) => prepared(changes, configFile, ({ jobs }) => jobs);

async function allOf(played: AsyncIterable<PlayedJob>): Promise<PlayedJob[]> {
  const all: PlayedJob[] = [];
  for await (const one of played) all.push(one);
  return all;
}

/** What a process that knows nothing but the job says: a record, or an error's code and message. */
async function elsewhere(job: unknown, ...args: readonly string[]) {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args]);
  child.stdin.end(JSON.stringify(job));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const timeless = (record: object) => JSON.parse(JSON.stringify({ ...record, measured: undefined }));

/** A counter and a scenario's program of one's own, in two modules. */
async function configuration(name: string, separator = " "): Promise<string> {
  const home = join(folder, name);
  await mkdir(home);
  await writeFile(join(home, "count.ts"), `export const count = (text: string) => text.split("${separator}").length;`);
  const file = join(home, "mine.ts");
  await writeFile(
    file,
    `import { count } from "./count.ts";
    export default { counters: [{ id: "pieces", title: "Pieces", version: "1", estimate: true, count }] };`,
  );
  return file;
}

/** Its server says of itself what `SAYS` is. */
async function catalogue(name: string, more = ""): Promise<string> {
  const file = join(folder, name);
  const mcpServers = { odd: { command: process.execPath, args: [hostile, "says-of-itself", `\${SAYS:-nothing}`] } };
  await writeFile(file, JSON.stringify({ mcpServers }) + more);
  return file;
}

describe("a job", () => {
  test("is plain JSON, and its id is that of its content, whatever the order of its fields", async () => {
    const [job, other] = await jobsOf();
    if (job === undefined || other === undefined) throw new Error("No jobs.");
    expect(readJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
    expect(jobId(job)).toMatch(/^[0-9a-f]{64}$/);
    expect(jobId(Object.fromEntries(Object.entries(job).reverse()) as unknown as Job)).toBe(jobId(job));
    expect(jobId(other)).not.toBe(jobId(job));
    expect(jobId({ ...job, enforceWindow: true })).not.toBe(jobId(job));
  });

  test("with a wrong field is refused, and the field named", async () => {
    const [job] = await jobsOf();
    expect(() => readJob({ ...job, transport: "pigeon" })).toThrow("This job cannot be played here: transport: ");
    expect(() => readJob({ ...job, sandbox: "quickjs" })).toThrow('Unrecognized key: "sandbox"');
    expect(() => readJob({ ...job, key: { ...job?.key, weather: "fair" } })).toThrow('key: Unrecognized key: "weather"');
    expect(() => readJob(null)).toThrow("the whole: ");
  });

  test("of the same parts is the same one in another run, and another with other settings", async () => {
    const ids = async (changes: Partial<RunConfig> = {}) => (await jobsOf(changes)).map(jobId).sort();
    const first = await ids();
    expect(await ids({ orderSeed: 7 })).toEqual(first);
    for (const changes of [{ profile: "claude-sonnet-4.5" }, { transport: "http" }, { counters: ["cl100k_base"] }] as const) {
      expect((await ids(changes)).filter((id) => first.includes(id))).toEqual([]);
    }
  });
});

describe("in another process", () => {
  test("each job gives the same record, measured times apart", async () => {
    const changes = { tools: [null, 60], controls: true };
    const played = await prepared(changes, undefined, (run) => allOf(play(run.jobs, run)));
    expect(played.map(({ record }) => record.status)).toEqual(Array(6).fill("passed"));
    expect(new Set(played.map(({ job }) => job.key.role))).toEqual(new Set(["figure", "self-control", "echo-control"]));
    for (const { job, record } of played) expect(timeless(await elsewhere(job))).toEqual(timeless(record));
  });

  test("with the same configuration and catalogue too, wherever they lie", async () => {
    const changes = { counters: ["pieces"], catalogue: await catalogue("one.json"), modes: ["direct-tool-call"] };
    const [played] = await prepared(changes, await configuration("here"), (run) => allOf(play(run.jobs, run)));
    const args = ["--config", await configuration("there"), "--catalogue", await catalogue("copy.json")];
    expect(timeless(await elsewhere(played?.job, ...args))).toEqual(timeless(played?.record ?? {}));
  });

  test("that has another configuration, or none, a job is refused", async () => {
    const [job] = await jobsOf({}, await configuration("with-spaces"));
    const hash = `its configuration is the one with hash ${job?.contents.configuration?.slice(0, 12)}, and here is `;
    const fix = "Give createHost the configFile that it was made with";
    for (const [args, here] of [
      [[], "none. "],
      [["--config", await configuration("with-commas", ",")], "the one with hash "],
    ] as const) {
      const refused = await elsewhere(job, ...args);
      expect(refused).toEqual({ code: "JOB", message: expect.stringContaining(hash + here) });
      expect(refused.message).toContain(fix);
    }
  });
});

describe("a player refuses, before anything is played, a job", () => {
  const refusal = async (
    change: (job: Job) => Job,
    changes: Partial<RunConfig> = {},
    here: { readonly catalogue?: string; readonly env?: RunHost["env"] } = {},
  ) => {
    const jobs = await jobsOf(changes);
    const { catalogue, env = {} } = here;
    const player = await prepareJobs(jobs, await createHost({ tmpDir: folder, env }), catalogue);
    const played: PlayedJob[] = [];
    try {
      // Those before the last could be played.
      const last = jobs.slice(-1).map(change);
      for await (const one of play([...jobs.slice(0, -1), ...last], player)) played.push(one);
      return "played";
    } catch (error) {
      expect(played).toEqual([]);
      return String(error);
    } finally {
      await player.close();
    }
  };

  test("of another version", async () => {
    expect(await refusal((job) => ({ ...job, version: "0.0.1" }))).toMatch(
      /mcp-code-bench 0\.0\.1 made it, and this is \d+\.\d+\.\d+\. Install mcp-code-bench@0\.0\.1 where it is played/,
    );
  });

  test("of other profiles", async () => {
    const contents = (job: Job) => ({ ...job.contents, profiles: "0".repeat(64) });
    expect(await refusal((job) => ({ ...job, contents: contents(job) }))).toMatch(
      /its set of profiles is the one with hash 000000000000, and here is the one with hash [0-9a-f]{12}\. Play it with the build/,
    );
    expect(await refusal((job) => ({ ...job, profile: "claude-sonnet-5.6" }))).toContain('Did you mean "claude-sonnet-5.5"?');
  });

  test("of another catalogue: its file, or what its servers list", async () => {
    const made = { catalogue: await catalogue("made.json"), modes: ["direct-tool-call"] };
    const fix = "Give prepareJobs the catalogue file that it was made with";
    expect(await refusal((job) => job, made)).toContain(`and here is none. ${fix}`);
    expect(await refusal((job) => job, made, { catalogue: await catalogue("longer.json", "\n") })).toContain(fix);
    const saying = { catalogue: made.catalogue, env: { SAYS: "something else" } };
    expect(await refusal((job) => job, made, saying)).toContain(fix);
    expect(await refusal((job) => job, made, { catalogue: made.catalogue })).toBe("played");
  });

  test("of a scenario, mode, sandbox or counter that was not prepared", async () => {
    const named = (change: Partial<Job["key"]>) => (job: Job) => ({ ...job, key: { ...job.key, ...change } });
    const fix = ", which was not prepared here. Prepare with it: prepareJobs([job], host).";
    expect(await refusal(named({ scenario: "sheet-filter" }))).toContain(`it names the scenario sheet-filter${fix}`);
    expect(await refusal(named({ mode: "code-execution-echo" }))).toContain(`it names the mode code-execution-echo${fix}`);
    expect(await refusal(named({ sandbox: "subprocess" }))).toContain(`it names the sandbox subprocess${fix}`);
    expect(await refusal((job) => ({ ...job, counters: ["cl100k_base"] }))).toContain(`it names the counter cl100k_base${fix}`);
  });

  test.each<[string, Partial<Job["key"]>]>([
    ["params", { params: { polls: -1, intervalSeconds: 5 } }],
    ["params", { params: {} }],
    ["policy", { policy: null }],
    ["outputSchemas", { outputSchemas: null }],
    ["language", { language: "python" }],
    ["sandbox", { sandbox: null }],
  ])("with %s that no plan gives: %j", async (name, change) => {
    const made = { modes: ["code-execution"] };
    expect(await refusal((job) => ({ ...job, key: { ...job.key, ...change } }), made)).toContain(`its ${name}, `);
    expect(await refusal((job) => job, made)).toBe("played");
  });
});

describe("playing", () => {
  test("keeps the order that it was given, makes no folder, and leaves nothing in the temporary one", async () => {
    const before = await readdir(folder);
    await prepared({ seeds: 2 }, undefined, async (run) => {
      const asked = run.jobs.toReversed();
      expect((await allOf(play(asked, run))).map(({ job }) => job)).toEqual(asked);
      expect((await readdir(folder)).filter((name) => !before.includes(name))).toHaveLength(1);
    });
    expect(await readdir(folder)).toEqual(before);
  });

  test("makes a record of a cell that fails, and goes on", async () => {
    const small = { profile: "claude-sonnet-4.5", enforceWindow: true };
    const params = ["rows=4000", "serverQuery=false", "serverQuery=true", "pageRows=0"];
    const changes = { ...small, scenarios: ["sheet-filter"], params, modes: ["direct-tool-call"], seeds: 2 };
    const played = await prepared(changes, undefined, (run) => allOf(play(run.jobs, run)));
    expect(played).toHaveLength(4);
    for (const { job, record } of played) {
      expect(record.status).toBe(job.key.params.serverQuery === true ? "passed" : "context-exceeded");
    }
  });

  test("ends where it was left, and can be taken up again", async () => {
    await prepared({ seeds: 2 }, undefined, async (run) => {
      for await (const { job } of play(run.jobs, run)) {
        expect(job).toBe(run.jobs[0]);
        break;
      }
      expect(await allOf(play(run.jobs.slice(1), run))).toHaveLength(3);
    });
  });
});
