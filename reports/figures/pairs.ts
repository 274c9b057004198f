/** Which records give figures, and which of them are compared. Every part of a summary starts here. */
import {
  type CellKey,
  type CellRecord,
  type Ledger,
  nameOf,
  type Restatement,
  type RunInfo,
  type Subject,
  subjectAxes,
  type Way,
  wayAxes,
} from "../../contract/index.ts";
import { compareWays } from "./ways.ts";

export type PassedRecord = Extract<CellRecord, { readonly status: "passed" }>;

/** Two passed records of one subject and seed. */
export interface Pair {
  readonly baseline: PassedRecord;
  readonly compared: PassedRecord;
}

export function isPassed(record: CellRecord): record is PassedRecord {
  return record.status === "passed";
}

export function isFigure({ key }: CellRecord): boolean {
  return key.role === "figure";
}

/** Figures, and the cells beside them whose choices bound them. Controls are not further samples. */
function isFigureOrBound({ key }: CellRecord): boolean {
  return key.role === "figure" || key.role === "bound";
}

export const wayName = (way: Way): string => nameOf(way, wayAxes);
export const subjectName = (subject: Subject): string => nameOf(subject, subjectAxes);

/** The way that others are compared with: of the ways in the baseline's mode that give figures, the one asked for first. */
export function baselineWay(run: Pick<RunInfo, "selected" | "config">, records: readonly CellRecord[]): string | undefined {
  const ways = records.filter((record) => isFigure(record) && record.key.mode === run.config.baseline).map(({ key }) => key);
  const inOrder = compareWays(run);
  const [first, ...rest] = ways;
  return first === undefined ? undefined : wayName(rest.reduce((lead, way) => (inOrder(way, lead) < 0 ? way : lead), first));
}

/** Every record that passed beside the baseline's of its subject and seed; one for each seed and way to play. */
export function pairsOf(run: Pick<RunInfo, "selected" | "config">, records: readonly CellRecord[]): readonly Pair[] {
  const bySeed = (key: CellKey) => JSON.stringify([subjectName(key), key.seed]);
  const first = firstRepetitions(records.filter(isFigureOrBound).filter(isPassed));
  const against = baselineWay(run, records);
  const isBaseline = ({ key }: PassedRecord) => key.role === "figure" && wayName(key) === against;
  const baselines = new Map(first.filter(isBaseline).map((record) => [bySeed(record.key), record]));
  return first
    .filter((record) => !isBaseline(record))
    .flatMap((compared) => {
      const baseline = baselines.get(bySeed(compared.key));
      return baseline === undefined ? [] : [{ baseline, compared }];
    })
    .toSorted(
      (a, b) => compareNames(wayName(a.compared.key), wayName(b.compared.key)) || a.compared.key.seed - b.compared.key.seed,
    );
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

/** Axis by axis: names by name, numbers by value; `null` before any number. */
export function compareSubjects(a: Subject, b: Subject): number {
  return subjectAxes.reduce((order, axis) => {
    const [left, right] = [a[axis], b[axis]];
    if (order !== 0 || left === right) return order;
    if (typeof left === "number" || typeof right === "number") return Number(left) - Number(right);
    return compareNames(JSON.stringify(left), JSON.stringify(right));
  }, 0);
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

/** 1 - compared/baseline; `null` where baseline is 0. */
export function reduction(baseline: number, compared: number): number | null {
  return baseline === 0 ? null : 1 - compared / baseline;
}

/** Whether both conversations fit the profile's window, under their primary ledgers. */
export function fits({ baseline, compared }: Pair): boolean {
  return recordFits(baseline) && recordFits(compared);
}

export function recordFits({ ledgers: [primary] }: PassedRecord): boolean {
  return primary !== undefined && primary.exceedsWindowAt === null;
}
