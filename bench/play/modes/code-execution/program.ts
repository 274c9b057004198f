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
    const line = new RegExp(`^const ${name.replaceAll("$", "\\$")} = .*;$`, "gm");
    const found = filled.match(line)?.length ?? 0;
    if (found !== 1) {
      throw new BenchError("MODEL_SCRIPT", { problem: `${file} has ${found} lines "const ${name} = ...;", and needs one` });
    }
    filled = filled.replace(line, () => `const ${name} = ${JSON.stringify(value)};`);
  }
  return filled;
}
