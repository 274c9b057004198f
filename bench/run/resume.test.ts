/** A run that is interrupted at any moment and resumed gives the records of a run that never was. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, truncate, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CellRecord, PlayRunOptions, RunInfo } from "../../contract/index.ts";
import { type Random, random } from "../../fixtures/random.ts";
import { createHost, type HostOptions } from "../host.ts";
import { lockFolder } from "../records/folder-lock.ts";
import { readRecords, readRun } from "../records/read-records.ts";
import { playRun } from "./run.ts";
import { runConfig } from "./settings.ts";

const bin = fileURLToPath(new URL("../bin.mjs", import.meta.url));

let folder = "";
let next = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resume-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const freshFolder = () => join(folder, `out-${next++}`);

/** Everything but time, one text a record. */
const timeless = (records: readonly CellRecord[]) => records.map((record) => JSON.stringify({ ...record, measured: undefined }));

describe("kill -9", () => {
  const kills = 100;
  /** Real child processes of both kinds: a server over stdio, and a sandbox. */
  const selection = [
    ...["slack-polling", "csv-summary-real", "--param", "polls=2", "--param", "kilobytes=3", "--tools", "own", "--seeds", "2"],
    ...["--sandbox", "quickjs,subprocess", "--no-bounds", "--counter", "o200k_base", "--no-controls"],
    ...["--save-transcripts", "--quiet"],
  ];

  const tmpDir = () => join(folder, "tmp");
  const start = (args: readonly string[]) =>
    spawn(process.execPath, [bin, "run", ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, TMPDIR: tmpDir() },
    });

  /** Milliseconds until it ended, and how. */
  async function finish(child: ChildProcess) {
    const startedAt = performance.now();
    let stderr = "";
    child.stderr?.on("data", (chunk) => {
      stderr += chunk;
    });
    const [code, signal] = await once(child, "close");
    return { code, signal, stderr, ms: performance.now() - startedAt };
  }

  /** What a folder holds, without times: the records in file order, the conversations by name, the names of all files. */
  async function contents(out: string) {
    const { records, notes } = await readRecords(out);
    const names = (await readdir(join(out, "transcripts"))).sort();
    const transcripts = await Promise.all(names.map((name) => readFile(join(out, "transcripts", name), "utf8")));
    return { records: timeless(records), notes, names, transcripts, files: (await readdir(out)).sort() };
  }

  /** Cuts into the last record, as a full disk or a write that was cut short would. */
  async function tear(out: string, draw: Random): Promise<void> {
    const text = await readFile(join(out, "records.jsonl")).catch(() => Buffer.of());
    if (text.length === 0) return;
    const lastLine = text.length - (text.subarray(0, -1).lastIndexOf(0x0a) + 1);
    await truncate(join(out, "records.jsonl"), text.length - draw.integer(1, lastLine));
  }

  /** Processes that work below `path`; on a system without /proc, none. */
  async function processesIn(path: string): Promise<string[]> {
    const pids = existsSync("/proc/self") ? (await readdir("/proc")).filter((name) => /^\d+$/.test(name)) : [];
    const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
    return folders.filter((cwd) => cwd.startsWith(path));
  }

  test(`at ${kills} random moments, each gone on with, loses nothing and doubles nothing`, async () => {
    await mkdir(tmpDir());
    const whole = freshFolder();
    const full = await finish(start([...selection, "--out", whole]));
    expect(full).toMatchObject({ code: 0, stderr: "" });
    const expected = await contents(whole);
    expect(expected.records.length).toBeGreaterThanOrEqual(12);
    const idle = await finish(start(["--resume", whole, "--quiet"]));
    expect(idle).toMatchObject({ code: 0, stderr: "" });
    expect(await contents(whole)).toEqual(expected);

    // From before the first file until some cells were played, on any machine.
    const latestMs = Math.round(idle.ms + (full.ms - idle.ms) / 6);
    let left = kills;
    const seeds = Array.from({ length: Math.min(2, availableParallelism()) }, (_, i) => i + 1);
    await Promise.all(seeds.map(killUntilNoneLeft));
    expect(left).toBe(0);

    await expect.poll(() => processesIn(tmpDir())).toEqual([]);
    expect(await finish(start(["--resume", whole, "--quiet"]))).toMatchObject({ code: 0 });
    // Node keeps its compiled code there too.
    expect((await readdir(tmpDir())).filter((name) => name !== "node-compile-cache")).toEqual([]);

    async function killUntilNoneLeft(seed: number): Promise<void> {
      const draw = random(seed, "kill moments");
      while (left > 0) {
        const out = freshFolder();
        for (let ended = false; !ended; ) {
          const args = existsSync(join(out, "run.json")) ? ["--resume", out, "--quiet"] : [...selection, "--out", out];
          const child = start(args);
          const timer = left > 0 ? setTimeout(() => child.kill("SIGKILL"), draw.integer(0, latestMs)) : undefined;
          if (timer !== undefined) left--;
          const { code, signal, stderr } = await finish(child);
          clearTimeout(timer);
          ended = signal === null;
          if (ended) expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
          // It ended before its moment came: that one was no kill.
          if (ended && timer !== undefined) left++;
          if (!ended && draw.chance(30)) await tear(out, draw);
          // What was played so far is readable at any time.
          if (existsSync(join(out, "records.jsonl"))) await readRecords(out);
        }
        expect(await contents(out)).toEqual(expected);
      }
    }
  });
});

/** Six cells of a moment each. */
async function options(own: HostOptions = {}): Promise<PlayRunOptions> {
  const config = runConfig({
    ...{ scenarios: ["slack-polling"], params: ["polls=2"], tools: [null], seeds: 3, sandboxes: ["quickjs"] },
    ...{ bounds: false, controls: false, counters: ["o200k_base"] },
  });
  const host = await createHost({ tmpDir: folder, ...own });
  return { config, host, outDir: freshFolder(), onEvent: () => undefined };
}

/** A whole run, and the means to go on with a copy of it. Played once: nobody changes what it left. */
let whole: Promise<PlayRunOptions & { readonly records: readonly CellRecord[] }> | undefined;
const played = () => {
  whole ??= (async () => {
    const given = await options();
    await playRun(given);
    return { ...given, records: (await readRecords(given.outDir)).records };
  })();
  return whole;
};

async function copyOf({ outDir, ...given }: PlayRunOptions): Promise<PlayRunOptions & { readonly resume: RunInfo }> {
  const copy = freshFolder();
  await cp(outDir, copy, { recursive: true });
  return { ...given, outDir: copy, resume: await readRun(copy) };
}

const recordsFile = (outDir: string) => join(outDir, "records.jsonl");

describe("going on with a run", () => {
  test("whose records were cut at any byte gives the same ones, in the same order", async () => {
    const whole = await played();
    const bytes = await readFile(recordsFile(whole.outDir));
    const draw = random(1, "cuts");
    const lineEnds = [...bytes.entries()].flatMap(([i, byte]) => (byte === 0x0a ? [i, i + 1] : []));
    for (const cut of [0, 1, ...lineEnds, ...Array.from({ length: 10 }, () => draw.integer(0, bytes.length))]) {
      const again = await copyOf(whole);
      await truncate(recordsFile(again.outDir), cut);
      const result = await playRun(again);
      expect(result).toMatchObject({ playedCells: 6, interrupted: false, run: again.resume });
      const text = await readFile(recordsFile(again.outDir), "utf8");
      const kept = bytes.subarray(0, cut).lastIndexOf(0x0a) + 1;
      expect(text.slice(0, kept)).toBe(bytes.toString("utf8", 0, kept));
      expect([cut, timeless((await readRecords(again.outDir)).records)]).toEqual([cut, timeless(whole.records)]);
    }
  });

  test("without records.jsonl plays all of it", async () => {
    const again = await copyOf(await played());
    await rm(recordsFile(again.outDir));
    expect(await playRun(again)).toMatchObject({ playedCells: 6 });
  });

  test("that was stopped with Ctrl-C keeps what was played, and counts on from there", async () => {
    const stop = new AbortController();
    const given = await options({ signal: stop.signal });
    const stopping: PlayRunOptions["onEvent"] = (event) => event.type === "cell" && event.done === 2 && stop.abort();
    expect(await playRun({ ...given, onEvent: stopping })).toMatchObject({ playedCells: 2, interrupted: true });
    const told: unknown[] = [];
    const resume = await readRun(given.outDir);
    const onEvent: PlayRunOptions["onEvent"] = (event) => told.push(event.type === "planned" ? event.kept : event.done);
    expect(await playRun({ ...(await options()), outDir: given.outDir, resume, onEvent })).toMatchObject({
      playedCells: 6,
      interrupted: false,
    });
    expect(told).toEqual([2, 3, 4, 5, 6]);
  });

  test("that ended between a conversation and its record has both in the end", async () => {
    const given = await options();
    const whole = { ...given, config: { ...given.config, saveTranscripts: true } };
    let obstacle = "";
    const fail: PlayRunOptions["onEvent"] = (event) => {
      if (event.type !== "cell" || event.done !== 2) return;
      // Where the next conversations should go there is no folder any more.
      rmSync(join(whole.outDir, "transcripts"), { recursive: true });
      obstacle = join(whole.outDir, "transcripts");
      writeFileSync(obstacle, "");
    };
    await expect(playRun({ ...whole, onEvent: fail })).rejects.toThrow();
    expect((await readRecords(whole.outDir)).records).toHaveLength(2);
    await rm(obstacle);
    await playRun({ ...whole, resume: await readRun(whole.outDir) });
    expect(await readdir(join(whole.outDir, "transcripts"))).toHaveLength(4);
  });

  test("keeps cells that did not pass: nothing is played again unasked", async () => {
    const whole = await played();
    const again = await copyOf(whole);
    const [first, ...rest] = whole.records;
    if (first === undefined) throw new Error("No record.");
    const { schemaVersion, key, machine } = first;
    const failed = { schemaVersion, key, machine, status: "harness-error", code: "x", message: "y" };
    await writeFile(
      recordsFile(again.outDir),
      [failed, ...rest.slice(2)].map((record) => `${JSON.stringify(record)}\n`).join(""),
    );
    await playRun(again);
    const { records } = await readRecords(again.outDir);
    expect(records).toHaveLength(6);
    expect(records[0]).toEqual(failed);
  });

  test.each<[string, (run: RunInfo) => RunInfo, string]>([
    [
      "another version of the program",
      (run) => ({ ...run, versions: { ...run.versions, "mcp-code-bench": "0.0.1" } }),
      '"0.0.1"',
    ],
    ["another sandbox version", (run) => ({ ...run, versions: { ...run.versions, "sandbox old": "1" } }), "sandbox old"],
    [
      "another machine",
      (run) => ({ ...run, machines: run.machines.map((machine) => ({ ...machine, cpus: 77 })) }),
      "cpus 77 in run.json, cpus",
    ],
    ["another plan", (run) => ({ ...run, plannedCells: 5 }), "the number of planned cells changed: 5 in run.json, 6 now"],
    [
      "other prices",
      (run) => ({ ...run, profiles: { ...run.profiles, model: { ...run.profiles.model, usdPerMillionInput: 9 } } }),
      "usdPerMillionInput 9 in run.json",
    ],
  ])("of %s is refused before anything is played", async (_, change, said) => {
    const again = await copyOf(await played());
    await truncate(recordsFile(again.outDir), 10);
    await expect(playRun({ ...again, resume: change(again.resume) })).rejects.toMatchObject({
      code: "RESUME",
      message: expect.stringContaining(said),
    });
    expect(await readFile(recordsFile(again.outDir))).toHaveLength(10);
  });

  test("of other settings is refused: its plan and versions may be the same", async () => {
    const { config, ...again } = await copyOf(await played());
    await expect(playRun({ ...again, config: { ...config, enforceWindow: true } })).rejects.toThrow(
      "what was asked for changed: enforceWindow false in run.json, enforceWindow true now",
    );
  });

  test("of another configuration is refused, whatever its parts call their version", async () => {
    const configFile = join(folder, "mine.ts");
    const counter = (count: number) => `{ id: "own", title: "Own", version: "1", estimate: true, count: () => ${count} }`;
    await writeFile(configFile, `export default { counters: [${counter(1)}] };`);
    const given = await options({ configFile });
    await playRun(given);
    const again = { ...given, resume: await readRun(given.outDir) };
    expect(await playRun(again)).toMatchObject({ playedCells: 6 });
    await writeFile(configFile, `export default { counters: [${counter(2)}] };`);
    await expect(playRun(again)).rejects.toThrow("the versions changed: configuration ");
  });

  test.each<[string, (record: CellRecord) => unknown, string]>([
    ["twice", (record) => record, "a second time"],
    ["of another plan", (record) => ({ ...record, key: { ...record.key, seed: 99 } }), "which is not in the plan"],
  ])("with a record that is there %s is refused", async (_, change, said) => {
    const whole = await played();
    const [first] = whole.records;
    const again = await copyOf(whole);
    if (first !== undefined) await appendFile(recordsFile(again.outDir), `${JSON.stringify(change(first))}\n`);
    await expect(playRun(again)).rejects.toMatchObject({ code: "RESUME", message: expect.stringContaining(said) });
  });

  test("counted by other ledger rules is refused", async () => {
    const again = await copyOf(await played());
    const text = await readFile(recordsFile(again.outDir), "utf8");
    await writeFile(recordsFile(again.outDir), text.replaceAll(/("serialisation":"raw","version":)\d+/g, "$177"));
    await expect(playRun(again)).rejects.toThrow("was counted by ledger rules 77");
  });
});

describe("two at once", () => {
  test("in one folder: one is refused, and nothing is doubled", async () => {
    const whole = await played();
    for (let attempt = 0; attempt < 5; attempt++) {
      const again = await copyOf(whole);
      await truncate(recordsFile(again.outDir), 10);
      const ended = await Promise.allSettled([playRun(again), playRun(again)]);
      expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(ended.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "FOLDER_IN_USE" } });
      expect((await readRecords(again.outDir)).records).toHaveLength(6);
      await playRun(again);
    }
  });

  test("in two processes: exactly one goes on", async () => {
    const whole = await played();
    const again = await copyOf(whole);
    await truncate(recordsFile(again.outDir), 10);
    const module = new URL("../records/folder-lock.ts", import.meta.url).href;
    const holders = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [
        "--input-type=module",
        "-e",
        `const { lockFolder } = await import(${JSON.stringify(module)});
         process.stdin.once("data", async () => {
           await lockFolder(${JSON.stringify(again.outDir)}).then(() => console.log("held"), (error) => console.log(error.code));
         });
         console.log("ready");`,
      ]),
    );
    const told = holders.map(() => "");
    for (const [i, holder] of holders.entries()) {
      holder.stdout.on("data", (chunk) => {
        told[i] += chunk;
      });
    }
    await expect.poll(() => told).toEqual(holders.map(() => "ready\n"));
    for (const holder of holders) holder.stdin.write("go\n");
    const all = ["FOLDER_IN_USE", "FOLDER_IN_USE", "FOLDER_IN_USE", "held"];
    await expect.poll(() => told.map((text) => text.split("\n")[1]).sort()).toEqual(all);
    const winner = holders[told.findIndex((text) => text.includes("held"))];
    await expect(playRun(again)).rejects.toThrow(
      `${again.outDir} is in use by process ${winner?.pid}. Choose another folder with --out`,
    );
    // A killed process holds nothing, and its lock is taken away.
    for (const holder of holders) {
      holder.kill("SIGKILL");
      if (holder.exitCode === null && holder.signalCode === null) await once(holder, "exit");
    }
    const [lock = "", ...others] = (await readdir(again.outDir)).filter((name) => name.startsWith("run.lock"));
    expect(others).toEqual([]);
    await writeFile(join(again.outDir, lock.replace("lock", "json")), "half a run.js");
    expect(await playRun(again)).toMatchObject({ playedCells: 6 });
    expect((await readdir(again.outDir)).sort()).toEqual(["records.jsonl", "run.json"]);
  });

  test("a lock of another machine is kept, and the message says which file to delete", async () => {
    const out = freshFolder();
    await mkdir(out);
    await writeFile(join(out, "run.lock.00000000-1-1"), "");
    await expect(lockFolder(out)).rejects.toThrow("delete run.lock.00000000-1-1");
    await rm(join(out, "run.lock.00000000-1-1"));
    const lock = await lockFolder(out);
    await lock.release();
    await sleep(0);
    expect(await readdir(out)).toEqual([]);
  });
});
