/** What passes between the guest's code in a realm and that realm's host. Both sides import this file; it does nothing. */
import type { GuestHost } from "./contract.ts";

/**
 * The one function that a realm is given: its host's primitives by name. Only strings, numbers, booleans, `undefined` and
 * bytes cross, and nothing is thrown across: text is an answer after `=`, or the JSON of a `RealmFault` after `!`.
 */
export type RealmInvoke = (name: string, ...args: unknown[]) => string | Uint8Array | undefined;

export interface RealmFault {
  readonly name: string;
  readonly message: string;
  /** Of places in the workspace alone; no host path may reach the guest. */
  readonly stack: string;
}

/** Parts of a URL, as `url` gives them in JSON. */
export interface UrlParts {
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

export interface RealmGuestHost extends GuestHost {
  /** JSON of `UrlParts`, after setting `part` to `value` if they are given. Throws a TypeError for text that is not a URL. */
  url(href: string, base: string | undefined, part?: string, value?: string): string;
}
