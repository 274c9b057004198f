/** Reading and replacing records by id in data that several servers may share: nothing here alters its input. */
import { ToolFailure } from "./mock-server.ts";

/** Records by id. Insertion order is listing order. */
export type Collection<T> = { readonly [id: string]: T };

/** The record, or `undefined`; never a property of Object.prototype. */
export function lookup<T>(all: Collection<T>, id: string): T | undefined {
  return Object.hasOwn(all, id) ? all[id] : undefined;
}

/** The record. Throws ToolFailure that names the kind, the id and the tool that finds ids. */
export function required<T>(all: Collection<T>, id: string, kind: string, finder: string): T {
  const found = lookup(all, id);
  if (found === undefined) throw new ToolFailure(`${kind} not found: ${id}. Use ${finder} to find a valid id.`);
  return found;
}

/** A copy with one record added or replaced. */
export function withRecord<T>(all: Collection<T>, id: string, record: T): Collection<T> {
  return { ...all, [id]: record };
}

/** A copy without one record. */
export function withoutRecord<T>(all: Collection<T>, id: string): Collection<T> {
  const { [id]: _, ...rest } = all;
  return rest;
}

export function byId<T extends { readonly id: string }>(records: readonly T[]): Collection<T> {
  return Object.freeze(Object.fromEntries(records.map((record) => [record.id, record])));
}

/**
 * One page of a list. The token is the offset of the next page as text; `null` after the last. Throws ToolFailure for
 * text that is not a token.
 */
export function page<T>(
  all: readonly T[],
  size: number,
  token: string | undefined,
): { items: readonly T[]; nextPageToken: string | null } {
  const start = token === undefined ? 0 : Number(token);
  if (token !== undefined && !/^[1-9]\d*$/.test(token)) {
    throw new ToolFailure(`Unknown page token "${token}". Pass nextPageToken of the previous page, or leave it out.`);
  }
  const end = start + size;
  return { items: all.slice(start, end), nextPageToken: end < all.length ? String(end) : null };
}

/** Orders text by code units: the same on every machine, unlike a locale's order. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
