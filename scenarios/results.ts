/** How a direct script reads what a tool returned: as a model does, from the text. */
import type { JsonObject, ScriptResult } from "../contract/index.ts";

/** Every result of a turn, in the order of its uses, as JSON. Throws when a tool failed, which the scripts do not expect. */
export function resultsJson(results: readonly ScriptResult[]): readonly JsonObject[] {
  return results.map((result) => JSON.parse(resultText([result])) as JsonObject);
}

/** The one result of a turn, as JSON. Throws when the tool failed. */
export function resultJson(results: readonly ScriptResult[]): JsonObject {
  return JSON.parse(resultText(results)) as JsonObject;
}

/** The one result of a turn, as text. Throws when the tool failed. */
export function resultText(results: readonly ScriptResult[]): string {
  const [result] = results;
  if (result === undefined || results.length !== 1) throw new Error(`it expected one result and got ${results.length}`);
  if (result.isError) throw new Error(`a tool use failed: ${result.text.slice(0, 500)}`);
  return result.text;
}

/** What a program printed last, as JSON: the scripts' programs end with one line of it. */
export function printedJson(results: readonly ScriptResult[]): JsonObject {
  return JSON.parse(resultText(results).trimEnd().split("\n").at(-1) ?? "") as JsonObject;
}
