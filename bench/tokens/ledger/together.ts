/**
 * Figures of several conversations as one cell's. What is billed is added up. The peak is that of one conversation, the
 * first with the highest: contexts stand beside each other, and no request holds two of them.
 */
import {
  type CauseTable,
  causes,
  type Ledger,
  type Measure,
  measures,
  type Restatement,
  type TokenItem,
} from "../../../contract/index.ts";

type Counted = Pick<Ledger, "totals" | "framingTokens" | "exceedsWindowAt">;

/** Each list holds one conversation's, in one order; a conversation alone is as it is. */
export function ledgersTogether(lists: readonly (readonly Ledger[])[]): readonly Ledger[] {
  return byPosition(lists, (ledgers) => {
    const [first] = ledgers;
    const peak = peakOf(ledgers);
    const table = (measure: Measure): CauseTable => (measure === "peakContext" ? peak.table[measure] : added(ledgers, measure));
    return { ...first, ...counted(ledgers), table: ofMeasures(table) };
  });
}

export function restatementsTogether(lists: readonly (readonly Restatement[])[]): readonly Restatement[] {
  return byPosition(lists, (restatements) => {
    const usd = (field: keyof Restatement["cost"]) => sum(restatements.map(({ cost }) => cost[field]));
    const cost = { uncachedUsd: usd("uncachedUsd"), coldUsd: usd("coldUsd"), warmUsd: usd("warmUsd") };
    return { ...restatements[0], ...counted(restatements), cost };
  });
}

/** `ledgers`: the primary ledgers of the same conversations, which say whose peak counts. */
export function itemsTogether(lists: readonly (readonly TokenItem[])[], ledgers: readonly Ledger[]): readonly TokenItem[] {
  const [first] = ledgers;
  if (first === undefined || lists.length < 2) return lists[0] ?? [];
  const peak = ledgers.indexOf(peakOf([first, ...ledgers.slice(1)]));
  const items = new Map<string, TokenItem>();
  for (const [at, list] of lists.entries()) {
    for (const item of list) {
      const name = JSON.stringify([item.cause, item.name]);
      const before = items.get(name) ?? { ...item, peakContext: 0, billedInput: 0, billedOutput: 0 };
      items.set(name, {
        ...before,
        peakContext: before.peakContext + (at === peak ? item.peakContext : 0),
        billedInput: before.billedInput + item.billedInput,
        billedOutput: before.billedOutput + item.billedOutput,
      });
    }
  }
  return [...items.values()];
}

function byPosition<T>(lists: readonly (readonly T[])[], together: (all: readonly [T, ...T[]]) => T): readonly T[] {
  const [first = []] = lists;
  if (lists.length < 2) return first;
  return first.map((one, at) => together([one, ...lists.slice(1).flatMap((list) => list[at] ?? [])]));
}

function counted(all: readonly [Counted, ...Counted[]]): Counted {
  const total = (measure: Measure) =>
    measure === "peakContext" ? peakOf(all).totals[measure] : sum(all.map(({ totals }) => totals[measure]));
  const [{ framingTokens }] = all;
  const exceedsWindowAt = all.map((one) => one.exceedsWindowAt).find((turn) => turn !== null) ?? null;
  return { totals: ofMeasures(total), framingTokens, exceedsWindowAt };
}

function peakOf<T extends Pick<Counted, "totals">>(all: readonly [T, ...T[]]): T {
  return all.reduce((peak, one) => (one.totals.peakContext > peak.totals.peakContext ? one : peak));
}

function added(ledgers: readonly Ledger[], measure: Measure): CauseTable {
  const rows = causes.map((cause) => [cause, sum(ledgers.map(({ table }) => table[measure][cause] ?? 0))] as const);
  return Object.fromEntries(rows.filter(([, tokens]) => tokens > 0));
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const ofMeasures = <T>(value: (measure: Measure) => T) =>
  Object.fromEntries(measures.map((measure) => [measure, value(measure)])) as { readonly [M in Measure]: T };
