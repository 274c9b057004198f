import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CellRecord, RECORD_SCHEMA_VERSION } from "../../contract/index.ts";
import { codeRecord, goodRecords, runOf } from "../../testing/records.ts";
import { RECORDS_FILE } from "./files.ts";
import { readRecords, readRun } from "./read-records.ts";
import { createRun, openRecords } from "./record.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "record-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writeAll(records: readonly CellRecord[]): Promise<void> {
  const writer = await openRecords(folder);
  for (const record of records) writer.append(record);
  writer.close();
}

describe("a folder", () => {
  test("is made if it is missing, and gives back the run that claimed it", async () => {
    const below = join(folder, "a", "b");
    await createRun(below, runOf());
    expect(await readRun(below)).toEqual(runOf());
  });

  test("that holds a run takes no second one", async () => {
    await createRun(folder, runOf());
    await expect(createRun(folder, runOf())).rejects.toMatchObject({ code: "OUTPUT_FOLDER" });
  });

  test("that two runs claim at once goes to exactly one of them", async () => {
    const claims = await Promise.allSettled([createRun(folder, runOf()), createRun(folder, runOf())]);
    expect(claims.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  test("with records but no run.json takes no run either", async () => {
    await writeAll([]);
    await expect(openRecords(folder)).rejects.toMatchObject({ code: "OUTPUT_FOLDER" });
  });

  test.skipIf(!existsSync("/proc/self"))("that the system refuses is an error, not a wait for ever", async () => {
    await expect(createRun("/proc/mcp-code-bench/results", runOf())).rejects.toThrow("(ENOENT)");
  });

  test("below a file is an error that names the folder and the flag", async () => {
    await writeFile(join(folder, "file"), "");
    const below = join(folder, "file", "results");
    await expect(createRun(below, runOf())).rejects.toThrow(
      `Cannot write results to ${below}: run.json cannot be written (ENOTDIR)`,
    );
  });
});

describe("records", () => {
  test("of every status are read back as they were written", async () => {
    const base = { schemaVersion: RECORD_SCHEMA_VERSION, key: codeRecord().key, machine: "m1" };
    const { status: _, measured: __, ...played } = codeRecord();
    const all: readonly CellRecord[] = [
      ...goodRecords,
      { ...played, status: "failed", checks: [{ id: "answer", passed: false, detail: "total differs" }] },
      { ...played, status: "void" },
      { ...base, status: "context-exceeded", turn: 3, tokens: 250_000, windowTokens: 200_000 },
      { ...base, status: "limit-exceeded", limit: "memory", message: "out of memory" },
      { ...base, status: "sandbox-unavailable", code: "SANDBOX_UNAVAILABLE", message: "gone" },
    ];
    await writeAll(all);
    expect(await readRecords(folder)).toEqual({ records: all, notes: [] });
  });

  test("are read back whole however long their lines are, and wherever a character of several bytes is cut", async () => {
    const base = { schemaVersion: RECORD_SCHEMA_VERSION, key: codeRecord().key, machine: "m1", status: "model-error" } as const;
    const lengths = [1, 2 ** 16, 2 ** 17 + 1, 3, 2 ** 19, 2 ** 16 + 2, 5];
    const all = lengths.map((length): CellRecord => ({ ...base, code: "MODEL_SCRIPT", message: "€".repeat(length) }));
    await writeAll(all);
    const { records } = await readRecords(folder);
    expect(records.map((record) => (record.status === "model-error" ? record.message : ""))).toEqual(
      lengths.map((length) => "€".repeat(length)),
    );
  });

  test("lose only a torn last line, and a note says so", async () => {
    await writeAll(goodRecords);
    await appendFile(join(folder, RECORDS_FILE), '{"schemaVersion":1,"key":{"scen');
    const { records, notes } = await readRecords(folder);
    expect(records).toHaveLength(goodRecords.length);
    expect(notes).toEqual(["The last line of records.jsonl (line 10) is incomplete and was left out: the run was cut short."]);
  });

  test("with a broken line in the middle are an error that names the line", async () => {
    await writeAll(goodRecords);
    const file = join(folder, RECORDS_FILE);
    const lines = (await readFile(file, "utf8")).split("\n");
    lines[2] = lines[2]?.slice(0, 50) ?? "";
    await writeFile(file, lines.join("\n"));
    await expect(readRecords(folder)).rejects.toThrow(`${file}, line 3: not valid JSON. Restore the file, or delete that line`);
  });

  test("with a wrong field are an error that names the field", async () => {
    await writeAll([codeRecord({}, 0, { turns: -1 })]);
    await expect(readRecords(folder)).rejects.toThrow("line 1: turns: Too small");
  });

  test("of another schema version are an error that says which version reads them", async () => {
    await writeAll([{ ...codeRecord(), schemaVersion: 7 }]);
    await expect(readRecords(folder)).rejects.toThrow(
      "schema version 7, and this program reads version 4. Read it with a newer mcp-code-bench, or play the run again.",
    );
    await writeFile(join(folder, RECORDS_FILE), `${JSON.stringify({ ...codeRecord(), schemaVersion: 3 })}\n`);
    await expect(readRecords(folder)).rejects.toThrow("Read it with mcp-code-bench 0.1, which wrote it");
  });

  test("with a __proto__ key change nothing but themselves", async () => {
    const line = JSON.stringify(codeRecord()).replace('"params":{', '"params":{"__proto__":{"polluted":true},"constructor":"x",');
    await writeFile(join(folder, RECORDS_FILE), `${line.replace('"__proto__":{"polluted":true}', '"__proto__":"y"')}\n`);
    const { records } = await readRecords(folder);
    expect(Object.getPrototypeOf(records[0]?.key.params)).toBe(Object.prototype);
    expect(records[0]?.key.params.constructor).toBe("x");
  });

  test("that were appended before a kill -9 are all there", async () => {
    const module = (file: string) => new URL(file, import.meta.url).href;
    const child = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      `import { openRecords } from ${JSON.stringify(module("./record.ts"))};
       import { codeRecord } from ${JSON.stringify(module("../../testing/records.ts"))};
       const writer = await openRecords(${JSON.stringify(folder)});
       for (let seed = 1; ; seed++) { writer.append(codeRecord({ seed })); process.stdout.write(seed + "\\n"); await null; }`,
    ]);
    let told = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk) => {
        told += chunk;
        if (told.split("\n").length > 200) child.kill("SIGKILL");
      });
      child.on("close", () => resolve());
    });
    const finished = Number(told.slice(0, told.lastIndexOf("\n")).split("\n").at(-1));
    const { records } = await readRecords(folder);
    expect(finished).toBeGreaterThanOrEqual(200);
    expect(records.length).toBeGreaterThanOrEqual(finished);
  });
});
