/** Reads an uncaught error without trusting it: getters may throw, and a thrown value may be anything. */

import type { Thrown } from "./contract.ts";
import { format } from "./format.ts";
import { maxThrown } from "./limits.ts";

function field(value: object, key: "name" | "message" | "stack", instead: string, longest = Number.POSITIVE_INFINITY): string {
  try {
    const found = (value as Record<string, unknown>)[key];
    return typeof found === "string" ? found.slice(0, longest) : instead;
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

/** The frames alone: V8 puts the message before them, however long it is. */
function places(stack: string): string {
  try {
    const lines = stack.split("\n").filter((line) => line.length <= 1_000 && line.trimStart().startsWith("at "));
    return lines.slice(0, 500).join("\n").slice(0, maxThrown.stack);
  } catch {
    // The program has replaced one of these functions.
    return "";
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
    const stack = places(withoutConstructor(error, field(error, "stack", "")));
    return {
      name: field(error, "name", "Error", maxThrown.name),
      message: field(error, "message", "", maxThrown.message),
      stack,
    };
  }
  return { name: "Uncaught", message: format(value).slice(0, maxThrown.message), stack: "" };
}
