/**
 * The locale functions that programs use for plain output, the same on every engine: some engines carry no locale data
 * at all, and the others would print by whatever the machine is set to. English as in en-US; other locales and most
 * options are ignored.
 */

interface FractionDigits {
  readonly minimumFractionDigits?: number;
  readonly maximumFractionDigits?: number;
}

function groupedNumber(value: number, options: FractionDigits = {}): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value < 0 ? "-∞" : "∞";
  const minimum = options.minimumFractionDigits ?? 0;
  const maximum = Math.max(minimum, options.maximumFractionDigits ?? Math.max(minimum, 3));
  // From 1e21 on, toFixed gives exponents; BigInt spells such a number out.
  const text = Math.abs(value) < 1e21 ? value.toFixed(maximum) : BigInt(value).toString();
  const [whole = "", fraction = ""] = text.split(".");
  let kept = fraction;
  while (kept.length > minimum && kept.endsWith("0")) kept = kept.slice(0, -1);
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ",");
  return kept === "" ? grouped : `${grouped}.${kept}`;
}

const dateText = (date: Date) => `${date.getMonth() + 1}/${date.getDate()}/${date.getFullYear()}`;

function timeText(date: Date): string {
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  const hour = date.getHours();
  return `${hour % 12 || 12}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())} ${hour < 12 ? "AM" : "PM"}`;
}

const nativeToString = Date.prototype.toString;
const nativeToTimeString = Date.prototype.toTimeString;
/** Without the time zone's name, which not every engine knows. */
const withoutZoneName = (text: string) => text.replace(/ \([^)]*\)$/, "");

const whenValid = (format: (date: Date) => string) =>
  function (this: Date): string {
    return Number.isNaN(this.getTime()) ? "Invalid Date" : format(this);
  };

function define(prototype: object, functions: Record<string, (...args: never[]) => unknown>): void {
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

export function installLocale(): void {
  define(Number.prototype, {
    toLocaleString(this: number, _locales: unknown, options?: FractionDigits) {
      return groupedNumber(Number(this), options);
    },
  });
  define(Date.prototype, {
    toString(this: Date) {
      return withoutZoneName(nativeToString.call(this));
    },
    toTimeString(this: Date) {
      return withoutZoneName(nativeToTimeString.call(this));
    },
    toLocaleString: whenValid((date) => `${dateText(date)}, ${timeText(date)}`),
    toLocaleDateString: whenValid(dateText),
    toLocaleTimeString: whenValid(timeText),
  });
  define(String.prototype, {
    localeCompare(this: string, other: unknown) {
      const [own, theirs] = [String(this), String(other)];
      return own < theirs ? -1 : own > theirs ? 1 : 0;
    },
  });
}
