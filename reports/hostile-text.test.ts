/** Every text of a record and a run may come from a server or a guest: it may not act in any format. */
import { expect, test } from "vitest";
import type { CellRecord, Reporter, RunInfo } from "../contract/index.ts";
import { expectHarmless, formulaTexts, hostileText } from "../testing/harmless.ts";
import { claimedRun, codeRecord, directRecord, echoRecord, runOf } from "../testing/records.ts";
import { reporterRegistry } from "./registry.ts";

const reporters: readonly Reporter[] = await Promise.all(reporterRegistry.ids.map((id) => reporterRegistry.load(id)));

/** Texts with a fixed set of values: a record with any other is refused when it is read. */
const fixed: ReadonlySet<string> = new Set([
  "status",
  "mode",
  "policy",
  "policies",
  "outputSchemas",
  "role",
  "serialisation",
  "schemaVersion",
  "transport",
  "cause",
  "kind",
]);

/** The same value with `text` put before every free text, keys of parameters and versions included. */
function infected<T>(value: T, text: string, name = ""): T {
  if (typeof value === "string") return (fixed.has(name) ? value : `${text}${value}`) as T;
  if (Array.isArray(value)) return value.map((inner) => infected(inner, text, name)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    name === "params" || name === "versions" ? `${text}${key}` : key,
    infected(inner, text, key),
  ]);
  return Object.fromEntries(entries) as T;
}

function recordsWith(text: string): readonly CellRecord[] {
  const { measured: _, ...played } = codeRecord({ seed: 2 });
  const base = { schemaVersion: played.schemaVersion, machine: "m1" };
  const failed: CellRecord = { ...played, status: "failed", checks: [{ id: "a check", passed: false, detail: "differs" }] };
  const plain: readonly CellRecord[] = [
    ...[directRecord(), codeRecord(), directRecord({ repetition: 1 }), echoRecord(9100), failed],
    { ...base, key: codeRecord({ seed: 3 }).key, status: "harness-error", code: "x", message: "it said" },
    { ...base, key: codeRecord({ seed: 4 }).key, status: "limit-exceeded", limit: "cell-time", message: "too long" },
    { ...base, key: codeRecord({ seed: 5 }).key, status: "sandbox-unavailable", code: "x", message: "gone" },
  ];
  return plain.map((record) => infected(record, text));
}

function runWith(text: string): RunInfo {
  const servers = [{ name: "s", version: "1", protocol: "2025-11-25", tools: 1, refused: { tools: 1, examples: ["s__a"] } }];
  return infected({ ...claimedRun, catalogueServers: servers }, text);
}

const texts = [hostileText, ...formulaTexts, "__proto__", "constructor"];
const cases = reporters.flatMap((reporter) => texts.map((text, i) => ({ id: reporter.id, reporter, text, i })));

test.for(cases)("$id shows hostile text $i and does nothing else", ({ reporter, text }) => {
  const view = { columns: 80, colours: false, notes: [`${text}a note`] };
  expectHarmless(reporter.id, reporter.render(runWith(text), recordsWith(text), view));
});

test.for(reporters)("$id is not confused by a parameter called __proto__", (reporter) => {
  const params = JSON.parse('{"__proto__": "x", "constructor": "y", "toString": 1}');
  const records = [directRecord({ params, scenario: "__proto__" }), codeRecord({ params, scenario: "__proto__" })];
  const text = reporter.render(runOf(), records, { columns: 80, colours: false, notes: [] });
  expectHarmless(reporter.id, text);
  expect(text).toMatch(/__proto__|\\_\\_proto\\_\\_/);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});
