/**
 * Gives a Map or an array the methods of its prototype as its own. Guest code shares its realm with the program, and what
 * the program puts in the place of a prototype's method must not change how its calls and timers are kept.
 */
const { defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames, getPrototypeOf } = Object;

export function withOwnMethods<T extends object>(value: T): T {
  const prototype: object = getPrototypeOf(value);
  for (const name of getOwnPropertyNames(prototype)) {
    const found = getOwnPropertyDescriptor(prototype, name);
    if (found !== undefined && getOwnPropertyDescriptor(value, name) === undefined) defineProperty(value, name, found);
  }
  return value;
}
