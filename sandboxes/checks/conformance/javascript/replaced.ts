/**
 * What a program does to the built-ins that its realm's own guest code, and in a process the runner, could be made of. Both
 * take what they need before the program begins.
 */
import type { Outcome } from "../../../../contract/index.ts";
import { type ConformanceCheck, play } from "../context.ts";
import { told, want, wantText } from "../wanted.ts";

/** Taken by the program before it replaces anything, as any library would. */
const before = `const P = Promise, print = console.log, later = setTimeout;
const replace = (holder: any, names: string[], by: unknown) => { for (let i = 0; i < names.length; i++) holder[names[i]!] = by; };
const methods = (holder: any) => Object.getOwnPropertyNames(holder).filter((name) => name !== "constructor" && typeof Object.getOwnPropertyDescriptor(holder, name)!.value === "function");
const bad = () => { throw new Error("replaced"); };
`;

/** Waits, calls tools, prints and ends, by the language and the guest API alone. */
const after = `
await new P((resolve) => { later(resolve, 5); });
const got: any = await callTool("lab", "echo", { b: [1, "x"] });
print(got.b[1], await callTool("lab", "text", {}));
try { await callTool("lab", "nope", {}); } catch { print("failed"); }
print("printed", { a: 1 }, [2]);
later(() => print("end"), 1);`;
const shown = 'x plain\nfailed\nprinted {"a":1} [2]\nend';

/** Of what the guest runtime is made of itself: the program goes on as if nothing were replaced. */
const withoutEffect: readonly string[] = [
  `replace(Map.prototype, methods(Map.prototype), bad);`,
  `replace(Map.prototype, methods(Map.prototype), () => undefined);`,
  `replace(Set.prototype, methods(Set.prototype), bad);`,
  `JSON.stringify = bad;`,
  `JSON.stringify = (() => undefined) as never;`,
  `JSON.parse = bad;`,
  `(String.prototype as any).toJSON = () => 1;`,
  `Promise.prototype.then = bad;`,
  `Promise.prototype.then = (() => new P(() => undefined)) as never;`,
  `Promise.prototype.catch = Promise.prototype.finally = bad;`,
  `replace(Promise, ["all", "race", "reject", "resolve", "withResolvers"], bad);`,
  `replace(Object, methods(Object), bad);`,
  `Object.defineProperty = (() => undefined) as never;`,
  `replace(Reflect, Object.getOwnPropertyNames(Reflect), bad);`,
  `replace(Number.prototype, methods(Number.prototype), bad);`,
  `replace(RegExp.prototype, ["exec", "test"], bad);`,
  `Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true });`,
];

/** Of what a whole process is made of: the program may fail, and its run ends all the same. */
const withoutHang: readonly string[] = [
  `replace(Array.prototype, methods(Array.prototype), bad);`,
  `replace(Array.prototype, methods(Array.prototype), () => undefined);`,
  `(Array.prototype as any)[Symbol.iterator] = bad;`,
  `Object.getPrototypeOf([][Symbol.iterator]()).next = bad;`,
  `replace(String.prototype, methods(String.prototype), bad);`,
  `replace(String.prototype, methods(String.prototype), () => "");`,
  `replace(Function.prototype, ["apply", "bind", "call", "toString"], bad);`,
  `replace(globalThis, ["Array", "Error", "JSON", "Map", "Math", "Object", "Promise", "Reflect", "String", "Symbol"], undefined);`,
];

export const replacedChecks: readonly ConformanceCheck[] = [
  {
    id: "replaced-built-ins",
    title: "a program that replaces built-ins still waits, calls tools, prints and ends, or throws; it never hangs",
    async run(context) {
      const end = (replacement: string): Promise<Outcome> => play(context, before + replacement + after);
      for (const replacement of withoutEffect) wantText(await end(replacement), shown, `, after ${replacement}`);
      const notJson = await end(`(Object.prototype as any).toJSON = () => "replaced";`);
      const message = "The input of lab/echo must be a JSON object";
      want(notJson.text.startsWith(`Error: TypeError: ${message}`), `wanted: TypeError: ${message}; ${told(notJson)}`);
      for (const replacement of withoutHang) {
        const outcome = await end(replacement);
        want(outcome.status !== "limit-exceeded", `wanted: it ends by itself; ${told(outcome)}, after ${replacement}`);
      }
    },
  },
];
