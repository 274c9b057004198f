/** What every part of a summary stands on: which records give figures, and which belong to each other. */
import { baselineMode, type CellKey, type CellRecord, type Ledger, type Restatement } from "../../contract/index.ts";

export type PassedRecord = Extract<CellRecord, { readonly status: "passed" }>;

/** A scenario with its parameters and number of tools: within it modes may be compared. */
export type Subject = Pick<CellKey, "scenario" | "params" | "tools">;

/** Two passed records of one subject and seed. */
export interface Pair {
  readonly direct: PassedRecord;
  readonly code: PassedRecord;
}

export function isPassed(record: CellRecord): record is PassedRecord {
  return record.status === "passed";
}

/** How a subject is played. Within a subject two of them may be compared. */
export type PlayedWay = Pick<CellKey, "mode" | "policy" | "outputSchemas" | "sandbox">;

export function isFigure({ key }: CellRecord): boolean {
  return key.role === "figure";
}

/** Figures, and the cells beside them whose choices bound them. Controls are no further sample of anything. */
function isFigureOrBound({ key }: CellRecord): boolean {
  return key.role === "figure" || key.role === "bound";
}

export function wayName({ mode, policy, outputSchemas, sandbox }: PlayedWay): string {
  return JSON.stringify([mode, policy, outputSchemas, sandbox]);
}

export function subjectName({ scenario, params, tools }: Subject): string {
  return JSON.stringify([scenario, params, tools]);
}

/** Every code record that passed beside the direct record of its subject and seed; one for each seed and way to play. */
export function pairsOf(records: readonly CellRecord[]): readonly Pair[] {
  const figures = records.filter(isFigureOrBound).filter(isPassed);
  const bySeed = (key: CellKey) => JSON.stringify([subjectName(key), key.seed]);
  const first = firstRepetitions(figures);
  const direct = new Map(first.filter(({ key }) => key.mode === baselineMode).map((record) => [bySeed(record.key), record]));
  return first
    .filter(({ key }) => key.mode !== baselineMode)
    .flatMap((code) => {
      const partner = direct.get(bySeed(code.key));
      return partner === undefined ? [] : [{ direct: partner, code }];
    })
    .toSorted((a, b) => compareNames(wayName(a.code.key), wayName(b.code.key)) || a.code.key.seed - b.code.key.seed);
}

/** One record for each key without its repetition, that of the lowest one: tokens do not vary between repetitions. */
export function firstRepetitions<R extends CellRecord>(records: readonly R[]): readonly R[] {
  const first = new Map<string, R>();
  for (const record of records) {
    const name = JSON.stringify({ ...record.key, repetition: null });
    const known = first.get(name);
    if (known === undefined || record.key.repetition < known.key.repetition) first.set(name, record);
  }
  return [...first.values()];
}

/** Splits into groups of equal name, in order of first appearance. */
export function groupBy<T>(items: readonly T[], name: (item: T) => string): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(name(item));
    if (group === undefined) groups.set(name(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

const names = new Intl.Collator("en", { numeric: true });

/** By name, numbers by value: 2 before 10. The same on every machine. */
export function compareNames(a: string, b: string): number {
  return names.compare(a, b);
}

/** By scenario, then parameters, then tools: the scenario's own only before any number. */
export function compareSubjects(a: Subject, b: Subject): number {
  return (
    compareNames(a.scenario, b.scenario) ||
    compareNames(JSON.stringify(a.params), JSON.stringify(b.params)) ||
    (a.tools ?? 0) - (b.tools ?? 0)
  );
}

/** The ledger that is counted like `like`; `undefined` if there is none, or its rules of counting differ. */
export function sameLedger({ ledgers }: PassedRecord, like: Ledger): Ledger | undefined {
  return ledgers.find(
    ({ counter, serialisation, version }) =>
      counter === like.counter && serialisation === like.serialisation && version === like.version,
  );
}

/** The restatement of the same id; `undefined` if there is none. */
export function sameRestatement({ restatements }: PassedRecord, { id }: Restatement): Restatement | undefined {
  return restatements.find((one) => one.id === id);
}

/** Input and output tokens together, as they are billed. */
export function billed({ totals }: Pick<Ledger, "totals">): number {
  return totals.billedInput + totals.billedOutput;
}

/** 1 - code/direct; `null` where direct is 0. */
export function reduction(direct: number, code: number): number | null {
  return direct === 0 ? null : 1 - code / direct;
}

/** Whether both conversations fit the profile's window, under their primary ledgers. */
export function fits({ direct, code }: Pair): boolean {
  return recordFits(direct) && recordFits(code);
}

export function recordFits({ ledgers: [primary] }: PassedRecord): boolean {
  return primary !== undefined && primary.exceedsWindowAt === null;
}
