/**
 * Takes the host's paths out of what a process says of itself, so that what honest programs print is the same on every
 * backend. It hides nothing from a program that looks elsewhere, in /proc for instance: only a box with folders of its own
 * does that.
 */
import process from "node:process";
import { boxWorkspace } from "./supervisor.ts";

const runtime = "node";

/** Before the program, after everything that needs the names. */
export function hideHostNames(): void {
  process.argv.splice(0, process.argv.length, runtime);
  process.execArgv.length = 0;
  for (const name of Object.keys(process.env)) if (name !== "TZ") delete process.env[name];
  const { Deno: deno } = globalThis as { Deno?: object };
  const cwd = () => boxWorkspace;
  replace(process, { argv0: runtime, execPath: runtime, cwd, report: undefined });
  process.title = runtime;
  if (deno === undefined) return;
  replace(deno, { cwd, execPath: () => runtime, mainModule: undefined });
  replace(Error, { prepareStackTrace: stackText });
}

const textOf = Function.prototype.call.bind(Error.prototype.toString) as (error: unknown) => string;

/** Deno's own text names files by their place, whatever they call themselves; V8's frames do not. */
function stackText(error: unknown, sites: readonly unknown[]): string {
  let text: string;
  try {
    text = textOf(error);
  } catch {
    text = "Error";
  }
  for (let i = 0; i < sites.length; i++) text += `\n    at ${sites[i]}`;
  return text;
}

/** A property that cannot be replaced stays. */
function replace(holder: object, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    const made = Reflect.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
    if (!made) Reflect.set(holder, name, value);
  }
}
