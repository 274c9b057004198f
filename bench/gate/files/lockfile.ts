/**
 * The committed baseline: exact token figures of every cell, a line each and sorted, so that a diff shows what changed. A
 * group's first seed has all its items and the others only those that differ, which keeps the file small. Cache columns
 * are not in it: they follow from these figures and the model profile.
 */
import { z } from "zod";
import {
  BenchError,
  causes,
  cellKey,
  type ItemMeasure,
  itemMeasures,
  serialisations,
  type TokenItem,
  tokenAxes,
} from "../../../contract/index.ts";
import { type GatedLedger, type Group, groupKey } from "../cells.ts";
import { number } from "../report.ts";
import { type Selection, selection } from "../selection.ts";
import { parseJsonFile } from "./json-file.ts";

/** Raised when the file's meaning changes. */
const LOCK_VERSION = 3;

export type Figures = { readonly [M in ItemMeasure]: number };

/** One seed of one group. */
export interface LockedCell {
  readonly tokens: Figures;
  readonly items: readonly TokenItem[];
}

export interface LockedGroup {
  readonly group: Group;
  /** By seed, the lowest first. */
  readonly seeds: ReadonlyMap<number, LockedCell>;
}

export interface Lock {
  readonly counter: string;
  readonly serialisation: GatedLedger["serialisation"];
  /** Ledger rules. */
  readonly version: number;
  /** What plays these cells. */
  readonly selection: Selection;
  /** By `groupKey`. */
  readonly groups: ReadonlyMap<string, LockedGroup>;
}

export function figuresOf(totals: Figures): Figures {
  const { peakContext, billedInput, billedOutput } = totals;
  return { peakContext, billedInput, billedOutput };
}

/** The lowest seed first. */
export function inOrder<T>(seeds: ReadonlyMap<number, T>): ReadonlyMap<number, T> {
  return new Map([...seeds].sort(([a], [b]) => a - b));
}

/** The file's text. Equal locks give equal bytes. */
export function lockText({ counter, serialisation, version, selection: asked, groups }: Lock): string {
  const head = {
    lockVersion: LOCK_VERSION,
    counter,
    serialisation,
    ledgerVersion: version,
    selection: asked,
    measures: itemMeasures,
  };
  const lines = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => groupText(group));
  return `{\n${lines.join("\n")}\n  "groups": [${sorted.length === 0 ? "" : `\n${sorted.join(",\n")}\n  `}]\n}\n`;
}

function groupText({ group, seeds }: LockedGroup): string {
  const key = JSON.stringify(group);
  const cells = [...inOrder(seeds)];
  const first = cells[0]?.[1].items ?? [];
  const lines = cells.map(([seed, { tokens, items }], i) => {
    const shown = i === 0 ? items : changedItems(first, items);
    return JSON.stringify({ seed, tokens: row(tokens), items: shown.map((item) => [item.cause, item.name, ...row(item)]) });
  });
  return `    ${key.slice(0, -1)},"seeds":[\n${lines.map((line) => `      ${line}`).join(",\n")}\n    ]}`;
}

/** The items in which a seed differs from the first one. An item that only the first has is all zeros. */
function changedItems(first: readonly TokenItem[], items: readonly TokenItem[]): TokenItem[] {
  const own = byName(items);
  const before = byName(first);
  const gone = first.filter((item) => !own.has(itemName(item))).map((item) => ({ ...item, ...named([0, 0, 0]) }));
  const isNew = (item: TokenItem) => String(row(before.get(itemName(item)) ?? named([0, 0, 0]))) !== String(row(item));
  return [...items.filter(isNew), ...gone];
}

function withChanges(first: readonly TokenItem[], changes: readonly TokenItem[]): TokenItem[] {
  return [...new Map([...byName(first), ...byName(changes)]).values()].filter((item) => row(item).some((tokens) => tokens > 0));
}

const itemName = ({ cause, name }: TokenItem): string => `${cause} ${name}`;
const byName = (items: readonly TokenItem[]) => new Map(items.map((item) => [itemName(item), item]));
const row = (figures: Figures): number[] => itemMeasures.map((measure) => figures[measure]);

const count = z.int().nonnegative();
const { seed } = cellKey.shape;
const group = cellKey.pick(Object.fromEntries(tokenAxes.map((axis) => [axis, true])) as { [A in keyof Group]: true });
const cell = z.strictObject({
  seed,
  tokens: z.tuple([count, count, count]),
  items: z.array(z.tuple([z.enum(causes), z.string(), count, count, count])),
});
const lockFile = z.strictObject({
  lockVersion: z.literal(LOCK_VERSION),
  counter: z.string(),
  serialisation: z.enum(serialisations),
  ledgerVersion: count,
  selection,
  measures: z.array(z.string()).refine((found) => String(found) === String(itemMeasures), `expected ${itemMeasures.join(", ")}`),
  groups: z.array(group.extend({ seeds: z.array(cell).min(1) }).strict()),
});

const anyLockFile = z.looseObject({ lockVersion: count });

/** Throws GATE_FILE, naming the place and the fix. */
export function parseLock(text: string, name: string): Lock {
  const fix = "Restore it, or write it again with mcp-code-bench gate --update.";
  const fail = (problem: string): never => {
    throw new BenchError("GATE_FILE", { file: name, problem, fix });
  };
  const json = parseJsonFile(text, name, fix);
  const version = anyLockFile.safeParse(json).data?.lockVersion ?? LOCK_VERSION;
  if (version !== LOCK_VERSION) {
    const problem = `lock version ${version}, and this program reads ${LOCK_VERSION}`;
    throw new BenchError("GATE_FILE", { file: name, problem, fix: "Write it again with mcp-code-bench gate --update." });
  }
  const parsed = lockFile.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue === undefined || issue.path.length === 0 ? "the whole" : issue.path.join(".");
    return fail(`${at}: ${issue?.message ?? "not as expected"}`);
  }
  const { counter, serialisation, ledgerVersion, selection: asked, groups: listed } = parsed.data;
  const groups = new Map<string, LockedGroup>();
  for (const [i, { seeds: cells, ...group }] of listed.entries()) {
    const items = cells.map((cell) =>
      cell.items.map(([cause, of, ...figures]): TokenItem => ({ cause, name: of, ...named(figures) })),
    );
    const first = items[0] ?? [];
    const seeds = new Map(
      cells.map(({ seed, tokens }, at): [number, LockedCell] => [
        seed,
        { tokens: named(tokens), items: at === 0 ? first : withChanges(first, items[at] ?? []) },
      ]),
    );
    if (groups.has(groupKey(group)) || seeds.size < cells.length) fail(`groups.${i}: stands there a second time`);
    for (const [at, [seed, cell]] of [...seeds].entries()) {
      const problem = sumProblem(seed, cell);
      if (problem !== undefined) fail(`groups.${i}.seeds.${at}: ${problem}`);
    }
    groups.set(groupKey(group), { group, seeds: inOrder(seeds) });
  }
  return { counter, serialisation, version: ledgerVersion, selection: asked, groups };
}

/** Items explain every token, so figures that were changed by hand show here. */
function sumProblem(seed: number, { tokens, items }: LockedCell): string | undefined {
  for (const measure of itemMeasures) {
    const sum = items.reduce((total, item) => total + item[measure], 0);
    if (sum !== tokens[measure]) {
      return `${measure} of seed ${seed} is ${number(tokens[measure])}, and its items add up to ${number(sum)}`;
    }
  }
  return undefined;
}

function named([peakContext, billedInput, billedOutput]: readonly [number, number, number]): Figures {
  return { peakContext, billedInput, billedOutput };
}
