/**
 * What has to hold before a run is resumed: the same program, machine and plan. So its records are those of a run that
 * was never interrupted.
 */
import { isDeepStrictEqual } from "node:util";
import { BenchError, type CellKey, type RunInfo } from "../../contract/index.ts";
import { cellId } from "../records/cell-id.ts";
import { readRecords } from "../records/read-records.ts";

const compared = [
  ["config", "what was asked for"],
  ["versions", "the versions"],
  ["machines", "the machine"],
  ["profiles", "the profiles of model, speed and latency"],
  ["catalogueServers", "the catalogue's servers"],
  ["skipped", "what cannot be played here"],
  ["plannedCells", "the number of planned cells"],
  ["selected", "what is compared"],
] as const satisfies readonly (readonly [keyof RunInfo, string])[];

/** Throws `BenchError` RESUME, naming the first difference, unless `now` is the run that `was` began. */
export function checkSameRun(folder: string, was: RunInfo, now: RunInfo): void {
  // `was` came from a file: compared is what a file can hold.
  const here = JSON.parse(JSON.stringify(now)) as RunInfo;
  for (const [part, title] of compared) {
    if (isDeepStrictEqual(was[part], here[part])) continue;
    const [before, after] = firstDifference(was[part], here[part]);
    throw new BenchError("RESUME", {
      folder,
      problem: `${title} changed: ${before} in run.json, ${after} now`,
      fix: "Go on with the program, on the machine and with the servers that began it, or play it again into another folder.",
    });
  }
}

/** The innermost named field that differs, both times as `name value`. What stands in a list has the list's name. */
function firstDifference(was: unknown, now: unknown, name = ""): readonly [string, string] {
  if (isObject(was) && isObject(now) && listLength(was) === listLength(now)) {
    for (const key of new Set([...Object.keys(was), ...Object.keys(now)])) {
      if (!isDeepStrictEqual(was[key], now[key])) return firstDifference(was[key], now[key], Array.isArray(was) ? name : key);
    }
  }
  const show = (value: unknown) => (value === undefined ? `no ${name}` : `${name} ${JSON.stringify(value)}`.trim());
  return [show(was), show(now)];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Lists of different lengths are shown whole. */
function listLength(value: object): number | undefined {
  return Array.isArray(value) ? value.length : undefined;
}

/**
 * Ids of the cells whose records stand in `folder`, whatever their status: nothing is played again unasked.
 *
 * Rejects with RESUME when a record is not of this plan or stands there twice, and with RECORDS for a broken file.
 */
export async function keptCells(folder: string, plan: readonly CellKey[], ledgerVersion: number): Promise<ReadonlySet<string>> {
  const planned = new Set(plan.map(cellId));
  const kept = new Set<string>();
  const { records } = await readRecords(folder);
  for (const [i, record] of records.entries()) {
    const id = cellId(record.key);
    const ledger = "ledgers" in record ? record.ledgers.find(({ version }) => version !== ledgerVersion) : undefined;
    const problem = !planned.has(id)
      ? `holds the cell ${id}, which is not in the plan`
      : kept.has(id)
        ? `holds the cell ${id} a second time`
        : ledger !== undefined
          ? `was counted by ledger rules ${ledger.version}, and this program counts by ${ledgerVersion}`
          : undefined;
    if (problem !== undefined) {
      throw new BenchError("RESUME", {
        folder,
        problem: `line ${i + 1} of its records ${problem}`,
        fix: "Go on with the program that began it, or play it again into another folder.",
      });
    }
    kept.add(id);
  }
  return kept;
}
