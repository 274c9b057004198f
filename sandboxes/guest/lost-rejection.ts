/**
 * Finds the reason of a rejection that nobody listens to. The engine gives its embedder only a copy of the reason, which
 * lacks the name that a program gave the error, and is empty for a reason that is not an Error. To make the copy, the
 * engine reads the reason's `message` and `stack` here, as the last thing in a run. So this file records whose `stack`
 * is read.
 */
import { guest } from "./prelude.ts";

const { defineProperty } = Object;
const { call } = Function.prototype;
const textOf = call.bind(Error.prototype.toString) as (error: unknown) => string;

/** Whose stack was read last. */
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
    for (let i = 0; i < sites.length; i++) text += `\n    at ${sites[i]}`;
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

/** What the engine says of a reason that is an object but not an Error. */
const noError = /^An object was thrown from supplied code/;

/** Stands in for a reason that cannot be read. */
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

/** Ends the run. `isCopy`: `told` is the message of the engine's copy and `stack` its stack; else `told` is the reason itself. */
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
