/** What a gate found: the one thing that every output format renders. Plain data; every text in it is untrusted. */
import type { Cause, ItemMeasure } from "../../contract/index.ts";

/** `notice` and `warning` do not fail the gate. */
export type CheckStatus = "passed" | "notice" | "warning" | "failed";

/** One measure of one group against the baseline. */
export interface Change {
  readonly measure: ItemMeasure;
  /** Seeds with more tokens than the baseline, with fewer, and in all. */
  readonly grewIn: number;
  readonly shrankIn: number;
  readonly seeds: number;
  /** The seed that grew most or, where no seed grew, shrank most. */
  readonly seed: number;
  readonly before: number;
  readonly now: number;
}

/** A tool or named block: a part of its cause's tokens. */
export interface ItemFigure {
  /** Empty: the cause has no parts. */
  readonly name: string;
  /** Tokens, or by how many they grew. */
  readonly tokens: number;
}

/** For `--why`: tokens of one cell by cause and item, largest first. */
export interface Why {
  /** `growth`: against the baseline, negative where it shrank. `content`: all of it, where there is nothing to compare with. */
  readonly kind: "growth" | "content";
  readonly measure: ItemMeasure;
  readonly seed: number;
  readonly causes: readonly { readonly cause: Cause; readonly tokens: number; readonly items: readonly ItemFigure[] }[];
}

export interface Check {
  readonly about: "run" | "budget" | "baseline";
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found and what to do, one line each. */
  readonly messages: readonly string[];
  readonly changes: readonly Change[];
  readonly why: readonly Why[];
}

export interface GateReport {
  readonly passed: boolean;
  readonly runId: string;
  /** As given or found, relative to where the command ran; `null`: not asked for. */
  readonly files: { readonly results: string; readonly budget: string | null; readonly baseline: string | null };
  readonly records: number;
  /** Harness errors among the records. They say nothing of the work, so nothing was judged. */
  readonly harnessErrors: number;
  readonly plannedCells: number;
  readonly checks: readonly Check[];
}

/** A check with a verdict only. */
export function check(about: Check["about"], name: string, status: CheckStatus, ...messages: string[]): Check {
  return { about, name, status, messages, changes: [], why: [] };
}

const names = new Intl.NumberFormat("en-US");
/** `1,104`. */
export const number = (value: number): string => names.format(value);
/** `1 record`, `2 records`. */
export const counted = (count: number, what: string): string => `${number(count)} ${what}${count === 1 ? "" : "s"}`;
