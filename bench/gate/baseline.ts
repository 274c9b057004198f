/**
 * Records against a lock, exactly: one token more fails, fewer pass with a notice, and every cell of either side must be
 * on the other (`sameCells`). Records are judged as they come; only what differs is kept.
 */
import { type ItemMeasure, itemMeasures, type RunInfo, type TokenItem } from "../../contract/index.ts";
import { type GatedCell, type GatedLedger, type GatedRecord, type Group, groupName, ledgerName } from "./cells.ts";
import { figuresOf, inOrder, type Lock, type LockedCell } from "./files/lockfile.ts";
import type { NextSteps } from "./next-steps.ts";
import { type Change, type Check, type CheckStatus, check, counted, type Why } from "./report.ts";
import { isControl } from "./roles.ts";
import { type OneSided, sameCells } from "./same-cells.ts";
import type { Selection } from "./selection.ts";
import { growth } from "./why.ts";

export interface BaselineJudge {
  add(cell: GatedCell): void;
  /** One check for each group that both sides have, in the order of their names. `whole`: every planned cell has a record. */
  checks(run: { readonly whole: boolean }): readonly Check[];
}

/** What is known of one group: seeds by what became of them, and the measures that changed. */
interface Seen {
  readonly group: Group;
  /** Seeds with a record, passed or not. */
  readonly seeds: Set<number>;
  readonly unknown: Set<number>;
  readonly notPassed: Map<number, GatedRecord["status"]>;
  /** Some record has no figures of the lock's kind. One check says so for all groups, and this group is not judged. */
  otherLedger: boolean;
  readonly changed: Map<ItemMeasure, { grew: Set<number>; shrank: Set<number>; worst: Different }>;
}

interface Different {
  readonly seed: number;
  readonly before: number;
  readonly now: number;
  /** `undefined`: the record has its items under another counter. */
  readonly why: Why | undefined;
}

export interface BaselineQuestions {
  /** Also keep which cause and item changed. */
  readonly why: boolean;
  readonly selection: Selection;
  readonly skipped: RunInfo["skipped"];
  readonly nextSteps: NextSteps;
}

export function createBaselineJudge(lock: Lock, { why, selection, skipped, nextSteps }: BaselineQuestions): BaselineJudge {
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

    checks({ whole }) {
      const keys = [...new Set([...lock.groups.keys(), ...seen.keys()])].sort();
      const missing: OneSided[] = [];
      const extra: OneSided[] = [];
      const judged: Check[] = [];
      for (const key of keys) {
        const found = seen.get(key);
        const locked = lock.groups.get(key);
        const group = found?.group ?? locked?.group;
        if (group === undefined) continue;
        const name = groupName(group);
        const absent = [...(locked?.seeds.keys() ?? [])].filter((seed) => found?.seeds.has(seed) !== true);
        if (absent.length > 0) missing.push({ group: name, seeds: absent });
        if (found === undefined) continue;
        if (found.unknown.size > 0) extra.push({ group: name, seeds: [...found.unknown] });
        if (found.unknown.size === found.seeds.size) continue;
        const check = groupCheck(name, found, locked?.seeds.size ?? 0);
        if (check.status !== "passed" || !found.otherLedger) judged.push(check);
      }
      const changed = judged.some(({ changes }) => changes.length > 0);
      const cells = sameCells({ missing, extra, changed, lock, selection, skipped, whole, nextSteps });
      return [...ledgerChecks(), ...(cells === undefined ? [] : [cells]), ...judged];
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
    const kind = `${lock.counter} ${lock.serialisation}, `;
    const sameKind = [...otherLedgers.keys()].some((names) => names.split("; ").some((name) => name.startsWith(kind)));
    // Figures of other rules: no selection of this version plays them again.
    const fixes = sameKind
      ? [`The rules of counting are others now: ${nextSteps.makeBaseline}`]
      : [nextSteps.play(lock), `Or ${nextSteps.makeBaseline}`];
    return [check("baseline", "same counter, serialisation and ledger rules", "failed", ...messages, ...fixes)];
  }

  /** @param seeds how many the baseline has */
  function groupCheck(name: string, found: Seen, seeds: number): Check {
    const changed = itemMeasures.flatMap((measure) => {
      const entry = found.changed.get(measure);
      return entry === undefined ? [] : [{ measure, ...entry }];
    });
    const changes = changed.map(
      ({ measure, grew, shrank, worst: { seed, before, now } }): Change => ({
        ...{ measure, seed, before, now },
        grewIn: grew.size,
        shrankIn: shrank.size,
        seeds,
      }),
    );
    const notPassed = [...inOrder(found.notPassed)].map(([seed, status]) => `seed ${seed} (${status})`);
    const failures =
      notPassed.length > 0 ? [`Did not pass, so its tokens mean nothing: ${notPassed.join(", ")}.`, nextSteps.seeFailures] : [];
    const grew = changes.some(({ grewIn }) => grewIn > 0);
    const look = why ? "" : "--why shows the cause and the tool or block. ";
    const meant = `${look}Mend what grew or, if it is meant, ${nextSteps.makeBaseline}`;
    const status: CheckStatus = failures.length > 0 || grew ? "failed" : changes.length > 0 ? "notice" : "passed";
    return {
      about: "baseline",
      name,
      status,
      messages: [
        ...failures,
        ...(grew ? [meant] : []),
        ...(status === "notice" ? [`Fewer tokens than the baseline. To keep it so, ${nextSteps.makeBaseline}`] : []),
      ],
      changes,
      why: changed.flatMap(({ worst }) => (worst.why === undefined ? [] : [worst.why])),
    };
  }
}

/** Growth before shrinkage, then the larger change, then the lower seed. The order of the records does not matter. */
function isWorse(one: Omit<Different, "why">, than: Omit<Different, "why">): boolean {
  const change = one.now - one.before;
  const other = than.now - than.before;
  if (change === other) return one.seed < than.seed;
  return change > 0 ? change > other : other < 0 && change < other;
}
