/**
 * Records against a lock, exactly: one token more fails, fewer pass with a notice, and every cell of either side must be
 * on the other. Records are judged as they come; only what differs is kept.
 */
import { type ItemMeasure, itemMeasures, type TokenItem } from "../types/index.ts";
import { type GatedCell, type GatedLedger, type GatedRecord, type Group, groupName, ledgerName } from "./cells.ts";
import { figuresOf, inOrder, type Lock, type LockedCell } from "./lockfile.ts";
import { type Change, type Check, type CheckStatus, check, counted, number, type Why } from "./report.ts";
import { isControl } from "./roles.ts";
import { growth } from "./why.ts";

export interface BaselineJudge {
  add(cell: GatedCell): void;
  /** One check a group, in the order of their names. */
  checks(): readonly Check[];
}

/** What is known of one group: seeds by what became of them, and the measures that changed. */
interface Seen {
  readonly group: Group;
  /** Seeds with a record, passed or not. */
  readonly seeds: Set<number>;
  readonly unknown: Set<number>;
  readonly notPassed: Map<number, GatedRecord["status"]>;
  /** Some record has no figures of the lock's kind: that is one check for all groups, and this group has nothing to say. */
  otherLedger: boolean;
  readonly changed: Map<ItemMeasure, { grew: Set<number>; shrank: Set<number>; worst: Different }>;
}

interface Different {
  readonly seed: number;
  readonly before: number;
  readonly now: number;
  /** `undefined`: the record tells its items under another counter. */
  readonly why: Why | undefined;
}

/** @param why also keep which cause and item changed */
export function createBaselineJudge(lock: Lock, { why }: { readonly why: boolean }): BaselineJudge {
  const seen = new Map<string, Seen>();
  const otherLedgers = new Map<string, number>();

  return {
    add({ record, group: key }) {
      if (isControl(record.key)) return;
      const found = seen.get(key) ?? {
        group: record.key,
        seeds: new Set(),
        unknown: new Set(),
        notPassed: new Map(),
        otherLedger: false,
        changed: new Map(),
      };
      seen.set(key, found);
      const { seed } = record.key;
      found.seeds.add(seed);
      const locked = lock.groups.get(key)?.seeds.get(seed);
      if (locked === undefined) found.unknown.add(seed);
      if (record.status !== "passed") found.notPassed.set(seed, record.status);
      if (record.status !== "passed" || locked === undefined) return;
      const at = record.ledgers.findIndex((ledger) => ledgerName(ledger) === ledgerName(lock));
      const ledger = record.ledgers[at];
      if (ledger === undefined) {
        const names = record.ledgers.map(ledgerName).join("; ");
        found.otherLedger = true;
        otherLedgers.set(names, (otherLedgers.get(names) ?? 0) + 1);
        return;
      }
      compare(found, seed, locked, ledger, at === 0 && why ? record.items : undefined);
    },

    checks() {
      const all = new Set([...lock.groups.keys(), ...seen.keys()]);
      const checks = [...all].sort().flatMap((key) => {
        const group = seen.get(key)?.group ?? lock.groups.get(key)?.group;
        if (group === undefined) return [];
        const found = seen.get(key);
        const judged = groupCheck(group, found, [...(lock.groups.get(key)?.seeds.keys() ?? [])]);
        return judged.status === "passed" && found?.otherLedger === true ? [] : [judged];
      });
      return [...ledgerChecks(), ...checks];
    },
  };

  function compare(
    { changed }: Seen,
    seed: number,
    locked: LockedCell,
    { totals }: GatedLedger,
    items: readonly TokenItem[] | undefined,
  ): void {
    const figures = figuresOf(totals);
    for (const measure of itemMeasures) {
      const before = locked.tokens[measure];
      const now = figures[measure];
      if (before === now) continue;
      const known = changed.get(measure);
      const entry = known ?? { grew: new Set(), shrank: new Set(), worst: { seed, before, now, why: undefined } };
      changed.set(measure, entry);
      (now > before ? entry.grew : entry.shrank).add(seed);
      if (known !== undefined && !isWorse({ seed, before, now }, entry.worst)) continue;
      entry.worst = { seed, before, now, why: items === undefined ? undefined : growth(measure, seed, locked.items, items) };
    }
  }

  function ledgerChecks(): Check[] {
    if (otherLedgers.size === 0) return [];
    const messages = [...otherLedgers].map(
      ([names, records]) =>
        `${counted(records, "record")} without figures of ${ledgerName(lock)}; there they are of ${names}. Figures of different counters, serialisations or rules are never compared.`,
    );
    const fix = `Play with --counter ${lock.counter} --serialisation ${lock.serialisation}, or make the baseline anew with gate --update.`;
    return [check("baseline", "same counter, serialisation and ledger rules", "failed", ...messages, fix)];
  }

  function groupCheck(group: Group, found: Seen | undefined, locked: readonly number[]): Check {
    const missing = locked.filter((seed) => found?.seeds.has(seed) !== true);
    const { unknown = new Set<number>(), notPassed = new Map<number, string>() } = found ?? {};
    const changed = itemMeasures.flatMap((measure) => {
      const entry = found?.changed.get(measure);
      return entry === undefined ? [] : [{ measure, ...entry }];
    });
    const changes = changed.map(
      ({ measure, grew, shrank, worst: { seed, before, now } }): Change => ({
        ...{ measure, seed, before, now },
        grewIn: grew.size,
        shrankIn: shrank.size,
        seeds: locked.length,
      }),
    );
    const failures = [
      ...(missing.length > 0
        ? [
            `No record for ${seedsText(missing)}. Play ${missing.length === 1 ? "it" : "them"}, or run gate --update if that work is gone.`,
          ]
        : []),
      ...(unknown.size > 0
        ? [`Not in the baseline: ${seedsText([...unknown])}. Run gate --update to take ${unknown.size === 1 ? "it" : "them"} in.`]
        : []),
      ...(notPassed.size > 0
        ? [
            `Did not pass, so its tokens mean nothing: ${[...inOrder(notPassed)]
              .map(([seed, status]) => `seed ${seed} (${status})`)
              .join(", ")}.`,
          ]
        : []),
    ];
    const grew = changes.some(({ grewIn }) => grewIn > 0);
    const status: CheckStatus = failures.length > 0 || grew ? "failed" : changes.length > 0 ? "notice" : "passed";
    return {
      about: "baseline",
      name: groupName(group),
      status,
      messages: [
        ...failures,
        ...(status === "notice" ? ["Fewer tokens than the baseline. Run gate --update to keep it so."] : []),
      ],
      changes,
      why: changed.flatMap(({ worst }) => (worst.why === undefined ? [] : [worst.why])),
    };
  }
}

/** Growth before shrinkage, then the larger change, then the lower seed: the order of the records tells nothing. */
function isWorse(one: Omit<Different, "why">, than: Omit<Different, "why">): boolean {
  const change = one.now - one.before;
  const other = than.now - than.before;
  if (change === other) return one.seed < than.seed;
  return change > 0 ? change > other : other < 0 && change < other;
}

/** `seeds 1, 2, 3 and 7 more`, the lowest first. */
function seedsText(seeds: readonly number[]): string {
  const shown = seeds.toSorted((a, b) => a - b).slice(0, 5);
  const rest = seeds.length - shown.length;
  return `${seeds.length === 1 ? "seed" : "seeds"} ${shown.join(", ")}${rest > 0 ? ` and ${number(rest)} more` : ""}`;
}
