/** Reads an uncaught error without trusting it: getters may throw, and a thrown value may be anything. */

import type { Thrown } from "./contract.ts";
import { format } from "./format.ts";

/** Far more than any result text shows; keeps one huge message from being copied about. UTF-16 units. */
const longestField = 200_000;

function field(value: object, key: "name" | "message" | "stack", instead: string): string {
  try {
    const found = (value as Record<string, unknown>)[key];
    return typeof found === "string" ? found.slice(0, longestField) : instead;
  } catch {
    return instead;
  }
}

/**
 * Drops the frames of an error's own constructors, which V8 leaves out and QuickJS shows as calls of the class's name.
 */
function withoutConstructor(error: object, stack: string): string {
  try {
    const lines = stack.split("\n");
    const name = (error as { constructor?: { name?: unknown } }).constructor?.name;
    const own = lines.findIndex((line) => line.trimStart().startsWith(`at ${String(name)} (`));
    return own < 0 ? stack : lines.slice(own + 1).join("\n");
  } catch {
    // A getter threw; the frames stay as they are.
    return stack;
  }
}

export function describeThrown(value: unknown): Thrown {
  let isError = false;
  try {
    isError = value instanceof Error;
  } catch {
    // A proxy whose traps throw: not an error that can be read.
  }
  if (isError) {
    const error = value as object;
    const stack = withoutConstructor(error, field(error, "stack", ""));
    return { name: field(error, "name", "Error"), message: field(error, "message", ""), stack };
  }
  return { name: "Uncaught", message: format(value).slice(0, longestField), stack: "" };
}
