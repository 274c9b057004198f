/** `URL` and `URLSearchParams` for realms whose engine has none. Only the parsing is the host's: text in, text out. */
import type { RealmGuestHost, UrlParts } from "./realm-contract.ts";

const { url: ask } = (globalThis as unknown as { __guestHost: RealmGuestHost }).__guestHost;
const { parse } = JSON;

/** As forms are sent: a blank is `+`, and only `*-._`, letters and digits stay as they are. */
const encode = (text: string) =>
  encodeURIComponent(text.toWellFormed()).replace(/[!'()~]|%20/g, (unit) =>
    unit === "%20" ? "+" : `%${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  );
function decode(text: string): string {
  const blanks = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(blanks);
  } catch {
    // A percent sign that begins no code stays as it is.
    return blanks.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => {
      try {
        return decodeURIComponent(codes);
      } catch {
        return "\uFFFD";
      }
    });
  }
}

type Pair = [name: string, value: string];
/** Hears of each change, for the parameters of a URL. */
const owners = new WeakMap<object, (search: string) => void>();

function pairsOf(init: unknown): Pair[] {
  if (typeof init === "object" && init !== null) {
    const entries = Symbol.iterator in init ? [...(init as Iterable<readonly unknown[]>)] : Object.entries(init);
    return entries.map(([name, value]) => [String(name), String(value)]);
  }
  const text = String(init ?? "").replace(/^\?/, "");
  return text
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [decode(part), ""] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
    });
}

export class URLSearchParams {
  #pairs: Pair[];
  constructor(init?: unknown) {
    this.#pairs = pairsOf(init);
  }
  #change(pairs: Pair[]): void {
    this.#pairs = pairs;
    owners.get(this)?.(this.toString());
  }
  get size(): number {
    return this.#pairs.length;
  }
  append(name: unknown, value: unknown): void {
    this.#change([...this.#pairs, [String(name), String(value)]]);
  }
  delete(name: unknown, value?: unknown): void {
    this.#change(this.#pairs.filter(([n, v]) => n !== String(name) || (value !== undefined && v !== String(value))));
  }
  get(name: unknown): string | null {
    return this.#pairs.find(([n]) => n === String(name))?.[1] ?? null;
  }
  getAll(name: unknown): string[] {
    return this.#pairs.filter(([n]) => n === String(name)).map(([, value]) => value);
  }
  has(name: unknown, value?: unknown): boolean {
    return this.#pairs.some(([n, v]) => n === String(name) && (value === undefined || v === String(value)));
  }
  set(name: unknown, value: unknown): void {
    const at = this.#pairs.findIndex(([n]) => n === String(name));
    const pair: Pair = [String(name), String(value)];
    if (at < 0) this.#change([...this.#pairs, pair]);
    else this.#change(this.#pairs.flatMap((old, i) => (i === at ? [pair] : old[0] === pair[0] ? [] : [old])));
  }
  sort(): void {
    this.#change(this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    for (const [name, value] of this.#pairs) callback.call(self, value, name, this);
  }
  toString(): string {
    return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
  }
  *entries(): IterableIterator<Pair> {
    for (const [name, value] of this.#pairs) yield [name, value];
  }
  *keys(): IterableIterator<string> {
    for (const [name] of this.#pairs) yield name;
  }
  *values(): IterableIterator<string> {
    for (const [, value] of this.#pairs) yield value;
  }
  [Symbol.iterator](): IterableIterator<Pair> {
    return this.entries();
  }
}

const parsed = (href: unknown, base?: unknown, part?: string, value?: unknown): UrlParts =>
  parse(
    ask(String(href), base === undefined ? undefined : String(base), part, value === undefined ? undefined : String(value)),
  ) as UrlParts;

export class URL {
  #parts: UrlParts;
  #params: URLSearchParams | undefined;
  constructor(href: unknown, base?: unknown) {
    this.#parts = parsed(href, base);
  }
  static canParse(href: unknown, base?: unknown): boolean {
    try {
      return new URL(href, base).href !== "";
    } catch {
      return false;
    }
  }
  static parse(href: unknown, base?: unknown): URL | null {
    return URL.canParse(href, base) ? new URL(href, base) : null;
  }
  static part(url: URL, name: keyof UrlParts): string {
    return url.#parts[name];
  }
  static change(url: URL, name: keyof UrlParts, value: unknown): void {
    url.#parts = parsed(url.#parts.href, undefined, name, value);
    if (name === "search" || name === "href") url.#params = undefined;
  }
  get searchParams(): URLSearchParams {
    if (this.#params === undefined) {
      const params = new URLSearchParams(this.#parts.search);
      owners.set(params, (search) => {
        this.#parts = parsed(this.#parts.href, undefined, "search", search);
      });
      this.#params = params;
    }
    return this.#params;
  }
  declare readonly href: string;
  toString(): string {
    return this.#parts.href;
  }
  toJSON(): string {
    return this.#parts.href;
  }
}

const { part, change } = URL;
for (const name of [
  "href",
  "origin",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const) {
  Object.defineProperty(URL.prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: URL) {
      return part(this, name);
    },
    ...(name === "origin"
      ? {}
      : {
          set(this: URL, value: unknown) {
            change(this, name, value);
          },
        }),
  });
}
Reflect.deleteProperty(URL, "part");
Reflect.deleteProperty(URL, "change");
