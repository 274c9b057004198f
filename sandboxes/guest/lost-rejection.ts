/**
 * Finds out what a promise was rejected with that nobody listens to, in an engine that tells its embedder only a copy of
 * the reason: without the name that a program gave it, and nothing at all of what is no Error. But to make the copy the
 * engine reads the reason's `message` and `stack` here, and last of all that happens in a run; so this file watches for
 * who is asked for a `stack`.
 */
import { guest } from "./prelude.ts";

const { defineProperty } = Object;
const { call } = Function.prototype;
const textOf = call.bind(Error.prototype.toString) as (error: unknown) => string;

/** Whose stack was asked for last. */
let asked: unknown;

defineProperty(Error, "prepareStackTrace", {
  configurable: true,
  writable: true,
  value(error: unknown, sites: readonly unknown[]) {
    asked = error;
    let text: string;
    try {
      text = textOf(error);
    } catch {
      text = "Error";
    }
    for (const site of sites) text += `\n    at ${site}`;
    return text;
  },
});
defineProperty(Object.prototype, "stack", {
  configurable: true,
  get(this: unknown) {
    asked = this;
    return undefined;
  },
  set(this: object, value: unknown) {
    defineProperty(this, "stack", { value, writable: true, enumerable: true, configurable: true });
  },
});

/** What the engine says of a reason that is an object and no Error. */
const noError = /^An object was thrown from supplied code/;

/** Stands in for a reason that answers nobody. */
const unreadable = {
  toJSON(): never {
    throw new TypeError("unreadable");
  },
};

function messageOf(value: unknown): unknown {
  try {
    return (value as { message?: unknown }).message;
  } catch {
    // A getter threw; it is not the one.
    return undefined;
  }
}

/** Ends the run. `isCopy`: `told` is the message of the engine's copy and `stack` its stack, else the reason itself. */
function failLost(isCopy: boolean, told: unknown, stack: string): void {
  const found = asked;
  asked = undefined;
  if (!isCopy) guest.fail(told);
  else if (noError.test(String(told))) guest.fail(found ?? unreadable);
  else if (messageOf(found) === told) guest.fail(found);
  else {
    // Its stack was written down earlier, so that nobody asked for it again.
    const error = new Error(String(told));
    error.name = /^([\w$.]+): /.exec(stack)?.[1] ?? "Error";
    error.stack = stack;
    guest.fail(error);
  }
}

defineProperty(globalThis, "__lost", { value: failLost, configurable: true });
