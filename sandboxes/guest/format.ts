/**
 * Turns any value into text that is the same on every engine: strings as they are, other values by JSON, and fixed
 * spellings for what JSON cannot say. It never throws, whatever a value's getters do.
 */

const stringify = JSON.stringify;

/** A spelling for values that JSON cannot hold; `undefined`: JSON can. */
function word(value: unknown): string | undefined {
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "function":
      return value.name === "" ? "[function]" : `[function ${value.name}]`;
    case "symbol":
      return value.toString();
    case "bigint":
      return `${value}n`;
    case "number":
      // JSON would say null for NaN and the infinities, which hides a program's mistake.
      return String(value);
    default:
      return value instanceof Error ? `${value.name}: ${value.message}` : undefined;
  }
}

/** JSON with cycles, bigints and errors spelled out, so that one bad leaf does not hide the rest. */
function lenientJson(value: unknown): string | undefined {
  // No method: the program may have replaced it.
  const open: unknown[] = [];
  let depth = 0;
  return stringify(value, function (this: unknown, _key, member: unknown) {
    while (depth > 0 && open[depth - 1] !== this) depth--;
    if (typeof member === "bigint") return `${member}n`;
    if (member instanceof Error) return `${member.name}: ${member.message}`;
    if (typeof member !== "object" || member === null) return member;
    for (let i = 0; i < depth; i++) if (open[i] === member) return "[cycle]";
    open[depth++] = member;
    return member;
  });
}

export function format(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return word(value) ?? lenientJson(value) ?? "undefined";
  } catch {
    // A getter threw, or the value is nested deeper than the engine's stack.
    return "[unprintable]";
  }
}
