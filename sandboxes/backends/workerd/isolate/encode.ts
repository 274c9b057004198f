/** JSON of plain data, whatever a guest did to the built-ins: a `toJSON` of its own on every object changes nothing. */
const { stringify } = JSON;
const { keys } = Object;
const { isArray } = Array;

export function encode(value: unknown): string {
  if (typeof value !== "object" || value === null) return stringify(value) ?? "null";
  let text = "";
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) text += `${i === 0 ? "" : ","}${encode(value[i])}`;
    return `[${text}]`;
  }
  const names = keys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    text += `${i === 0 ? "" : ","}${stringify(name)}:${encode((value as Record<string, unknown>)[name])}`;
  }
  return `{${text}}`;
}
