/** A flag of the command line as data: help, parsing and defaults come from one entry. */

export interface Flag {
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What stands after it in the help; absent: a switch. */
  readonly value?: string;
  /** May be repeated; without it the last one wins. */
  readonly repeats?: true;
  readonly summary: string;
  /** Stands where the flag is not given, and behind the summary in the help. Written as a user would write it. */
  readonly default?: string;
}

/** A flag that gives a setting. */
export interface FlagOf<T> extends Flag {
  /**
   * @param given every value in order, an empty one for a switch; without a value, the default alone, if the flag has one
   *
   * Throws USAGE or UNKNOWN_ID, naming the flag and the fix.
   */
  read(given: readonly string[], flag: Flag): T;
}

/** Reads the last value alone, as `one` does. */
export const last =
  <T>(one: (name: string, text: string) => T): FlagOf<T>["read"] =>
  (given, { name }) =>
    one(name, given.at(-1) ?? "");

/** The last value as it is. */
export const asText: FlagOf<string>["read"] = last((_name, text) => text);

/** Whether a switch was given. */
export const isGiven: FlagOf<boolean>["read"] = (given) => given.length > 0;

/** One flag for each setting. */
export type FlagTable<T> = { readonly [K in keyof T]: FlagOf<T[K]> };

/** What one flag gives. `given`: the values of the flag of a name, in order. */
export function readFlag<T>(flag: FlagOf<T>, given: (name: string) => readonly string[]): T {
  const values = given(flag.name);
  return flag.read(values.length > 0 || flag.default === undefined ? values : [flag.default], flag);
}

/** Every setting, from what was given for each flag. */
export function readFlags<T extends object>(table: FlagTable<T>, given: (name: string) => readonly string[]): T {
  return Object.fromEntries(
    Object.entries<FlagOf<unknown>>(table).map(([setting, flag]) => [setting, readFlag(flag, given)]),
  ) as T;
}
