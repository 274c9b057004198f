import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadCounter } from "../bench/tokens/counters/registry.ts";
import { framingTokens, ledger } from "../bench/tokens/ledger/ledger.ts";
import { type CellKey, type Ledger, type SavedTranscript, serialisations } from "../contract/index.ts";
import { defaultModelProfile } from "../fixtures/profiles.ts";
import { randomTranscript } from "../testing/random-transcript.ts";
import { recountFolder } from "./recount.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recount-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The seed of a conversation that begins without tools and is shown others at several turns. */
const changing = 9;

/** A results folder with three saved conversations. */
async function results(change: (ledger: Ledger, seed: number) => Ledger = (ledger) => ledger): Promise<void> {
  mkdirSync(join(folder, "transcripts"));
  const counters = await Promise.all(["o200k_base", "cl100k_base", "claude-legacy"].map(loadCounter));
  const lines = [1, 2, 3].map((seed) => {
    const key: CellKey = {
      scenario: "made-up",
      params: { rows: 10 },
      mode: "direct-tool-call",
      sandbox: null,
      model: "scripted",
      policy: null,
      outputSchemas: null,
      language: null,
      tools: null,
      seed,
      repetition: 0,
      role: "figure",
    };
    const transcript = { ...randomTranscript(seed === 2 ? changing : seed), toolChoice: "auto" as const };
    const framed = framingTokens(transcript, defaultModelProfile);
    const saved: SavedTranscript = {
      key,
      profile: defaultModelProfile.id,
      episodes: [{ contexts: [{ agent: "main", framingTokens: framed, transcript }] }],
    };
    writeFileSync(join(folder, "transcripts", `${seed}.json`), JSON.stringify(saved));
    const ledgers = counters.flatMap((counter) =>
      serialisations.map((serialisation) => change(ledger(transcript, counter, serialisation, defaultModelProfile), seed)),
    );
    return JSON.stringify({ key, status: "failed", ledgers });
  });
  writeFileSync(join(folder, "records.jsonl"), `${lines.join("\n")}\n`);
}

const run = (...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL("recount.ts", import.meta.url)), ...args], { encoding: "utf8" });

describe("recount", () => {
  it("agrees with the ledger's figures, for every counter and serialisation", async () => {
    await results();
    const rows = recountFolder(folder);
    expect(rows).toHaveLength(3 * 3 * 2 * 3);
    expect(rows.filter(({ difference }) => difference !== 0)).toEqual([]);
    expect(rows.every(({ recounted }) => recounted > 0)).toBe(true);
  });

  it("counts only the named counter if one is named", async () => {
    await results();
    expect(new Set(recountFolder(folder, "cl100k_base").map(({ counter }) => counter))).toEqual(
      new Set(["cl100k_base json", "cl100k_base raw"]),
    );
  });

  it("shows a figure that is one token off, and exits 1", async () => {
    await results((made, seed) =>
      seed === 2 && made.counter === "o200k_base" && made.serialisation === "json"
        ? { ...made, totals: { ...made.totals, billedInput: made.totals.billedInput - 1 } }
        : made,
    );
    const different = recountFolder(folder).filter(({ difference }) => difference !== 0);
    expect(different).toMatchObject([{ cell: "2", counter: "o200k_base json", measure: "billedInput", difference: 1 }]);
    const { status, stdout } = run(folder);
    expect(stdout).toContain("1 of 54 figures differ, over 3 conversations.");
    expect(status).toBe(1);
  });

  it("exits 0 when every figure agrees", async () => {
    await results();
    const { status, stdout } = run(folder, "--counter", "o200k_base");
    expect(stdout).toContain("All 18 figures agree, over 3 conversations.");
    expect(status).toBe(0);
  });

  it("exits 2 where figures are of other rules, or no conversation was saved", async () => {
    await results((made) => ({ ...made, version: 1 }));
    const other = "records.jsonl has figures of ledger rules 1, and this counts by rules 2.";
    expect(run(folder)).toMatchObject({ status: 2, stderr: expect.stringContaining(other) });
    rmSync(join(folder, "transcripts"), { recursive: true });
    expect(run(folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no saved conversations: there is no folder"),
    });
  });

  it("exits 2 with the usage when there is nothing to count", async () => {
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining("Which results folder?") });
    expect(run(folder)).toMatchObject({ status: 2, stderr: expect.stringContaining("Usage: npm run recount") });
    await results();
    expect(run(folder, "--counter", "unknown")).toMatchObject({ status: 2, stderr: expect.stringContaining("Nothing to count") });
  });
});
