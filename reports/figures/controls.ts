/** Comparisons whose outcome is known beforehand. A figure of a run whose controls fail means nothing. */
import { type CellRecord, measures, type RunInfo } from "../../contract/index.ts";
import { baselineWay, groupBy, isPassed, type PassedRecord, reduction, sameLedger, subjectName, wayName } from "./pairs.ts";

export interface Control {
  readonly id: "self" | "echo";
  /** What must hold. */
  readonly statement: string;
  readonly status: "passed" | "failed" | "not-played";
  readonly pairs: number;
  /** The pair that comes nearest to breaking it, or breaks it most; `null`: no pair was played. */
  readonly worst: { readonly scenario: string; readonly figure: string; readonly value: number } | null;
}

/** Part of the data that the echo control may lack: a tool result's framing differs a little from a printed line's. */
const echoTolerance = 0.02;

export function controlsOf(run: RunInfo, records: readonly CellRecord[]): readonly Control[] {
  const passed = records.filter(isPassed);
  return [selfControl(passed), echoControl(passed, baselineWay(run, records))];
}

/**
 * The same cell played twice must give the same conversation: equal transcript hashes, and a reduction of exactly 0 in
 * every measure of every ledger. `worst` is the largest absolute reduction.
 */
function selfControl(passed: readonly PassedRecord[]): Control {
  const statement = "The same cell against itself reduces every measure by exactly 0.";
  const same = passed.filter(({ key }) => key.role === "figure" || key.role === "self-control");
  const pairs = groupBy(same, ({ key }) => JSON.stringify({ ...key, repetition: null, role: null })).flatMap(
    ([first, ...again]) => again.map((second) => ({ first, second })),
  );
  const found = pairs.map(({ first, second }) => {
    const differences = first.ledgers.flatMap((ledger) => {
      const other = sameLedger(second, ledger);
      return measures.map((measure) =>
        other === undefined ? 1 : Math.abs(change(ledger.totals[measure], other.totals[measure])),
      );
    });
    const same = hashesOf(first) === hashesOf(second);
    return { scenario: first.key.scenario, value: Math.max(0, ...differences), holds: same && differences.every((d) => d === 0) };
  });
  const worst = found.toSorted((a, b) => Number(a.holds) - Number(b.holds) || b.value - a.value)[0];
  return {
    id: "self",
    statement,
    status: statusOf(found),
    pairs: pairs.length,
    worst: worst === undefined ? null : { scenario: worst.scenario, figure: "largest reduction", value: worst.value },
  };
}

const hashesOf = ({ episodes }: PassedRecord) =>
  JSON.stringify(episodes.map(({ contexts }) => contexts.map(({ transcriptSha256 }) => transcriptSha256)));

/** 0 where a measure is 0 on both sides; 1 where it is 0 on one side only. */
function change(before: number, after: number): number {
  return before === after ? 0 : (reduction(before, after) ?? 1);
}

/**
 * Code execution that prints every tool result in full must lose its saving on data. For each pair of one subject and
 * seed, under the primary ledger, in the peak context (where each block stands once):
 *
 *     codeOutput(echo) >= 0.98 x toolResults(baseline) x shared
 *
 * `shared` is the part of the baseline's result bytes that came from tools which the echo run called too. Without it a wait
 * would count as lost data: direct calls wait by calling a clock server, a program by its own timer.
 *
 * `worst` is the smallest codeOutput(echo) / (toolResults(baseline) x shared).
 */
function echoControl(passed: readonly PassedRecord[], against: string | undefined): Control {
  const statement =
    "A program that prints every tool result in full puts at least as much data into the context as direct calls.";
  const bySeed = ({ key }: PassedRecord) => JSON.stringify([subjectName(key), key.seed]);
  const baseline = new Map(
    passed
      .filter(({ key }) => wayName(key) === against && key.role === "figure" && key.repetition === 0)
      .map((record) => [bySeed(record), record]),
  );
  const found = passed
    .filter(({ key }) => key.role === "echo-control")
    .flatMap((echo) => {
      const partner = baseline.get(bySeed(echo));
      if (partner === undefined) return [];
      const value = dataKept(partner, echo);
      return [{ scenario: echo.key.scenario, value, holds: value >= 1 - echoTolerance }];
    });
  const worst = found.toSorted((a, b) => a.value - b.value)[0];
  return {
    id: "echo",
    statement,
    status: statusOf(found),
    pairs: found.length,
    worst:
      worst === undefined ? null : { scenario: worst.scenario, figure: "smallest share of the data printed", value: worst.value },
  };
}

function dataKept(baseline: PassedRecord, echo: PassedRecord): number {
  const called = new Set(echo.calls.map(({ server, tool }) => JSON.stringify([server, tool])));
  const bytes = (calls: PassedRecord["calls"]) => calls.reduce((sum, { resultBytes }) => sum + resultBytes, 0);
  const all = bytes(baseline.calls);
  const shared =
    all === 0 ? 1 : bytes(baseline.calls.filter(({ server, tool }) => called.has(JSON.stringify([server, tool])))) / all;
  const expected = (baseline.ledgers[0]?.table.peakContext.toolResults ?? 0) * shared;
  const printed = echo.ledgers[0]?.table.peakContext.codeOutput ?? 0;
  return expected === 0 ? 1 : printed / expected;
}

function statusOf(found: readonly { readonly holds: boolean }[]): Control["status"] {
  if (found.length === 0) return "not-played";
  return found.every(({ holds }) => holds) ? "passed" : "failed";
}
