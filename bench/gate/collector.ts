/** Records to a lock: for `--update`, and for a results folder that serves as baseline. */
import { pick, tokenAxes } from "../../contract/index.ts";
import { type GatedCell, type GatedLedger, type Group, ledgerName } from "./cells.ts";
import { figuresOf, inOrder, type Lock, type LockedCell } from "./files/lockfile.ts";
import { type Check, check, counted } from "./report.ts";
import { isControl } from "./roles.ts";
import type { Selection } from "./selection.ts";

export interface LockCollector {
  add(cell: GatedCell): void;
  /** `undefined`: no record holds figures. */
  lock(): Lock | undefined;
  /** Why the records cannot be a baseline. Empty: they can. */
  checks(): readonly Check[];
}

/** Takes the primary ledger of the first record for all. */
export function createLockCollector(selection: Selection): LockCollector {
  const groups = new Map<string, { group: Group; seeds: Map<number, LockedCell> }>();
  let primary: GatedLedger | undefined;
  let notPassed = 0;
  let others = 0;
  return {
    add({ record, group: key }) {
      if (isControl(record.key)) return;
      if (record.status !== "passed") {
        notPassed++;
        return;
      }
      const [ledger] = record.ledgers;
      primary ??= ledger;
      if (ledger === undefined || primary === undefined || ledgerName(ledger) !== ledgerName(primary)) {
        others++;
        return;
      }
      const { seed } = record.key;
      const known = groups.get(key) ?? { group: pick(record.key, tokenAxes), seeds: new Map() };
      groups.set(key, known);
      if (!known.seeds.has(seed)) known.seeds.set(seed, { tokens: figuresOf(ledger.totals), items: record.items });
    },
    lock() {
      if (primary === undefined) return undefined;
      const { counter, serialisation, version } = primary;
      const sorted = [...groups].map(([key, { group, seeds }]) => [key, { group, seeds: inOrder(seeds) }] as const);
      return { counter, serialisation, version, selection, groups: new Map(sorted) };
    },
    checks() {
      const problems = [
        ...(primary === undefined ? ["No record passed, so there is nothing to compare with. Play a run whose cells pass."] : []),
        ...(notPassed > 0 ? [`${counted(notPassed, "cell")} did not pass. Mend what fails, and play the run again.`] : []),
        ...(others > 0
          ? [`${counted(others, "record")} with another primary counter than the first. Play the run with one.`]
          : []),
      ];
      return problems.length === 0 ? [] : [check("baseline", "the records make a baseline", "failed", ...problems)];
    },
  };
}
