/**
 * What is known of a run once all its records were read: how many there are, which work they describe, and whether equal
 * work gave equal tokens. It keeps a short text for each cell, however long its record.
 */
import type { RunInfo } from "../../contract/index.ts";
import { type GatedCell, type Group, groupName, ledgerName } from "./cells.ts";
import { figuresOf } from "./files/lockfile.ts";
import type { NextSteps } from "./next-steps.ts";
import { type Check, check, counted, number } from "./report.ts";
import { isControl } from "./roles.ts";

export interface Tally {
  add(cell: GatedCell): void;
  /** Of cells that are not controls. */
  readonly groups: ReadonlyMap<string, Group>;
  /** Ledgers that records hold, as `ledgerName` says them. */
  readonly ledgers: ReadonlySet<string>;
  harnessErrors(): number;
  /** Every planned cell has a record. */
  isWhole(): boolean;
  /** The run's own checks. `torn`: a piece of a line follows the last record. */
  checks(torn: boolean): readonly Check[];
}

/** Named in full in a message; the rest is a number. */
const shown = 3;

export function createTally({ plannedCells, skipped }: Pick<RunInfo, "plannedCells" | "skipped">, nextSteps: NextSteps): Tally {
  const groups = new Map<string, Group>();
  const ledgers = new Set<string>();
  /** By group and seed: the tokens of its first play, and every play of it. */
  const seen = new Map<string, Map<number, { tokens: string | undefined; readonly plays: Set<string> }>>();
  const different: { readonly name: string; readonly seed: number; readonly found: string }[] = [];
  let records = 0;
  let repeated = 0;
  let harnessErrors = 0;

  return {
    groups,
    ledgers,
    add({ record, group }) {
      records++;
      if (record.status === "harness-error") harnessErrors++;
      const { key } = record;
      if (!isControl(key) && !groups.has(group)) groups.set(group, key);
      const seeds = seen.get(group) ?? new Map();
      seen.set(group, seeds);
      const known = seeds.get(key.seed) ?? { tokens: undefined, plays: new Set<string>() };
      seeds.set(key.seed, known);
      const play = `${key.role} ${key.sandbox}#${key.repetition}`;
      if (known.plays.has(play)) repeated++;
      known.plays.add(play);
      if (!("ledgers" in record)) return;
      const [primary] = record.ledgers;
      for (const ledger of record.ledgers) ledgers.add(ledgerName(ledger));
      if (record.status !== "passed" || primary === undefined) return;
      const tokens = `${ledgerName(primary)}: ${Object.values(figuresOf(primary.totals)).join("/")}`;
      known.tokens ??= tokens;
      if (known.tokens !== tokens) {
        const found = `${tokens} on ${key.sandbox ?? "no sandbox"}, repetition ${key.repetition}, and ${known.tokens} in another play`;
        different.push({ name: groupName(key), seed: key.seed, found });
      }
    },
    harnessErrors: () => harnessErrors,
    isWhole: () => records - repeated >= plannedCells,
    checks(torn) {
      const checks = [completeness()];
      if (harnessErrors > 0) {
        const found = `${number(harnessErrors)} of ${counted(records, "record")} ${harnessErrors === 1 ? "is a harness error" : "are harness errors"}: the program failed there, and not the work.`;
        checks.push(check("run", "no cell ended in a harness error", "failed", found, nextSteps.seeFailures));
      }
      if (different.length > 0) {
        const rest = different.length > shown ? [`And ${number(different.length - shown)} more.`] : [];
        checks.push(
          check(
            "run",
            "equal work has equal tokens",
            "failed",
            ...different
              .sort((a, b) => (a.name === b.name ? a.seed - b.seed : a.name < b.name ? -1 : 1))
              .slice(0, shown)
              .map(({ name, seed, found }) => `${name}, seed ${seed}: ${found}.`),
            ...rest,
            "Peak context, billed input and billed output must not depend on sandbox or repetition: a scenario or server is not deterministic.",
            "Play it again with --save-transcripts, and mend what differs between the conversations.",
          ),
        );
      }
      return checks;

      function completeness(): Check {
        const name = "every planned cell has a record";
        const problems = [
          ...(records - repeated < plannedCells
            ? [`No record for ${number(plannedCells - records + repeated)} of ${counted(plannedCells, "planned cell")}.`]
            : []),
          ...(records - repeated > plannedCells
            ? [`Records of ${counted(records - repeated, "cell")}, and ${number(plannedCells)} were planned.`]
            : []),
          ...(repeated > 0 ? [`${counted(repeated, "record")} for a cell that has one already.`] : []),
          ...(torn ? ["The last record is incomplete: the run was cut short."] : []),
        ];
        const notes = skipped.map(({ what, reason }) => `Not planned: ${what} (${reason}).`);
        if (problems.length === 0) return check("run", name, "passed");
        const cutShort = repeated === 0 && (torn || records < plannedCells);
        return check("run", name, "failed", ...problems, ...notes, cutShort ? nextSteps.resume : "Play the run again.");
      }
    },
  };
}
