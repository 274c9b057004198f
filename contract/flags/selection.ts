/** Turns what a command line names (`id`, or `!id` to leave one out) into ids of a registry. */
import { distance } from "fastest-levenshtein";
import { BenchError } from "../errors.ts";
import type { NotHere } from "../registry.ts";

/** The part of a registry that a selection needs. */
export interface Choices {
  readonly ids: readonly string[];
  readonly defaults: readonly string[];
  readonly notHere?: { readonly [id: string]: NotHere };
}

/**
 * The selected ids, each once, in the order in which they are named: the first counter is primary. Without a plain id
 * the defaults are selected, in registry order. `!id` takes away from what is selected either way.
 *
 * Throws UNKNOWN_ID, naming the nearest id, SANDBOX_UNAVAILABLE for one that is named and not here, and NOTHING_TO_PLAY
 * if nothing is left.
 *
 * @param kind what the ids are, in messages: `scenario`, `sandbox`
 */
export function select(kind: string, wanted: readonly string[], { ids, defaults, notHere = {} }: Choices): readonly string[] {
  const named = wanted.filter((id) => !id.startsWith("!"));
  const leftOut = wanted.filter((id) => id.startsWith("!")).map((id) => id.slice(1));
  for (const id of [...named, ...leftOut]) {
    if (ids.includes(id)) continue;
    const absent = Object.hasOwn(notHere, id) ? notHere[id] : undefined;
    if (absent === undefined) throw new BenchError("UNKNOWN_ID", { kind, id, nearest: nearest(id, ids), known: ids.join(", ") });
    if (named.includes(id)) throw new BenchError("SANDBOX_UNAVAILABLE", { sandbox: id, reason: absent.reason, fix: absent.fix });
  }
  const chosen = named.length === 0 ? defaults : named;
  const selected = [...new Set(chosen)].filter((id) => !leftOut.includes(id));
  if (selected.length === 0) {
    throw new BenchError("NOTHING_TO_PLAY", { fix: `Select at least one ${kind}: ${ids.join(", ")}.` });
  }
  return selected;
}

/** Whether an id was named itself, not reached by default or by leaving out others. */
export function isNamed(wanted: readonly string[], id: string): boolean {
  return wanted.includes(id);
}

/** The known word that was probably meant; `undefined` when none is close: more than two letters differ, and more than a third. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1));
  const best = ranked[0];
  if (best === undefined) return undefined;
  const prefix = word.length >= 3 ? known.find((candidate) => candidate.startsWith(word)) : undefined;
  return best.edits <= Math.max(2, Math.floor(best.candidate.length / 3)) ? best.candidate : prefix;
}
