/** How a block becomes the string that is counted. `raw` leaves the string values of a tool use unescaped. */
export const serialisations = ["json", "raw"] as const;
export type Serialisation = (typeof serialisations)[number];
