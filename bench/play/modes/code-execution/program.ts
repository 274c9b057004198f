/** Programs are real files: what is counted and run is their bytes, with the prompt's facts filled in. */
import { BenchError, type JsonObject } from "../../../../contract/index.ts";

/**
 * Replaces the literal of each top-level `const <name> = <literal>;` that `values` names with the value as JSON.
 *
 * Throws `BenchError` MODEL_SCRIPT when a name has no such line, or more than one.
 */
export function fillProgram(source: string, values: JsonObject, file: string): string {
  let filled = source;
  for (const [name, value] of Object.entries(values)) {
    let found = 0;
    filled = filled.replace(lineOf(name), () => {
      found++;
      return `const ${name} = ${JSON.stringify(value)};`;
    });
    if (found !== 1) {
      throw new BenchError("MODEL_SCRIPT", { problem: `${file} has ${found} lines "const ${name} = ...;", and needs one` });
    }
  }
  return filled;
}

const lines = new Map<string, RegExp>();

/** Made once: the programs of all cells have the same few names. */
function lineOf(name: string): RegExp {
  const line = lines.get(name) ?? new RegExp(`^const ${name.replaceAll("$", "\\$")} = .*;$`, "gm");
  lines.set(name, line);
  return line;
}
