/** What JSON text would become, without parsing it. */

export interface JsonFacts {
  /** Values and names: at least as many as parsing makes. */
  readonly values: number;
  /** The first bound that it passes; it was read no further. */
  readonly fault?: "depth" | "values";
}

/** Brackets and commas inside strings do not count. The text may be anything. */
export function measureJson(json: string, maxDepth: number, maxValues: number): JsonFacts {
  let depth = 0;
  let values = 1;
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (unit === 0x22) {
      // To the end of the string: the next quote that no backslash makes part of it.
      i = endOfString(json, i + 1);
    } else if (unit === 0x7b || unit === 0x5b) {
      values++;
      if (++depth > maxDepth) return { values, fault: "depth" };
    } else if (unit === 0x7d || unit === 0x5d) depth--;
    else if (unit === 0x2c) values++;
    if (values > maxValues) return { values, fault: "values" };
  }
  return { values };
}

function endOfString(json: string, from: number): number {
  for (let at = json.indexOf('"', from); at !== -1; at = json.indexOf('"', at + 1)) {
    let before = at - 1;
    while (before >= from && json.charCodeAt(before) === 0x5c) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return json.length;
}
