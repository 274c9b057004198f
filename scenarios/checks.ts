/** Exact checks on an end state, shared by the scenarios' verifiers. */
import { isDeepStrictEqual } from "node:util";
import type { Check, EndState, Json, JsonObject } from "../contract/index.ts";

/** A server's state is exactly `expected`. */
export function stateIs(id: string, actual: Json | undefined, expected: Json): Check {
  const passed = isDeepStrictEqual(actual, expected);
  return { id, passed, detail: passed ? "" : difference(actual, expected, "state") };
}

/** The servers that the task must leave alone are as they were. */
export function untouched(end: EndState, servers: readonly string[]): Check[] {
  return servers.map((server) => stateIs(`${server} is untouched`, end.after[server], end.before[server] ?? null));
}

/** The answer's last line is this JSON object: its facts are checked, never the words before it. */
export function answerIs(answer: string, expected: JsonObject): Check {
  const id = "the answer's facts are right";
  const line = answer.trimEnd().split("\n").at(-1) ?? "";
  try {
    return { ...stateIs(id, JSON.parse(line) as Json, expected) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { id, passed: false, detail: `the last line is not JSON: ${line.slice(0, 80)}` };
  }
}

/** The first place where two values differ, as a path, for the reader of a failed check. */
function difference(actual: Json | undefined, expected: Json | undefined, path: string): string {
  if (isContainer(actual) && isContainer(expected) && Array.isArray(actual) === Array.isArray(expected)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const [left, right] = [Reflect.get(actual, key), Reflect.get(expected, key)];
      if (!isDeepStrictEqual(left, right)) return difference(left, right, `${path}.${key}`);
    }
  }
  if (typeof actual === "string" && typeof expected === "string") {
    let at = 0;
    while (at < actual.length && actual[at] === expected[at]) at++;
    if (actual.length > 40 || expected.length > 40) {
      return `${path} differs at character ${at}: ${brief(actual.slice(at, at + 40))}, expected ${brief(expected.slice(at, at + 40))}`;
    }
  }
  return `${path} is ${brief(actual)}, expected ${brief(expected)}`;
}

function isContainer(value: Json | undefined): value is JsonObject | readonly Json[] {
  return typeof value === "object" && value !== null;
}

function brief(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
