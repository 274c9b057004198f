/**
 * What a command accepts, as data: it is parsed and printed as help from one list. Parsing is Node's own `parseArgs`;
 * this file only turns what it finds into errors that name the nearest flag.
 */
import { parseArgs } from "node:util";
import { BenchError } from "../../contract/errors.ts";
import type { Flag } from "../../contract/flags/flag.ts";
import { nearest } from "../../contract/flags/selection.ts";

export interface Syntax {
  readonly command: string;
  /** Positional arguments as the help shows them, e.g. `[SCENARIO...]`. */
  readonly positionals: string;
  readonly maxPositionals: number;
  readonly flags: readonly Flag[];
  readonly example: string;
  /** Lines at the end of the help. */
  readonly notes: readonly string[];
}

/** A parsed command line. Names are those of the flags, without dashes. */
export interface Arguments {
  readonly positionals: readonly string[];
  has(name: string): boolean;
  /** The last value given. */
  last(name: string): string | undefined;
  /** Every value given, in order. */
  all(name: string): readonly string[];
}

const standardFlags: readonly Flag[] = [
  { name: "help", short: "h", summary: "show this help" },
  { name: "debug", summary: "print the stack of an unexpected error" },
];

/** Parses a command's arguments. Throws USAGE for a flag that it does not have, or one used the wrong way. */
export function parseArguments(syntax: Syntax, args: readonly string[]): Arguments {
  const flags = new Map([...syntax.flags, ...standardFlags].map((flag) => [flag.name, flag]));
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      [...flags.values()].map((flag) => [
        flag.name,
        { type: flag.value === undefined ? "boolean" : "string", ...(flag.short === undefined ? {} : { short: flag.short }) },
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const help = `See mcp-code-bench ${syntax.command} --help.`;
  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.get(token.name);
    if (flag === undefined) {
      const close = nearest(token.name, [...flags.keys()]);
      throw new BenchError("USAGE", {
        problem: `Unknown flag ${token.rawName}.`,
        fix: close === undefined ? help : `Did you mean --${close}?`,
      });
    }
    const { value } = token;
    if (flag.value === undefined && value !== undefined)
      throw new BenchError("USAGE", { problem: `--${flag.name} takes no value.`, fix: `Write --${flag.name} alone.` });
    // A flag where a value should be is a forgotten value, and a negative number is a wrong one, which the flag's own
    // reader says. Any other value that starts with a dash is written with "=".
    if (flag.value !== undefined && (value === undefined || value === "" || (!token.inlineValue && /^-(?!\d)/.test(value))))
      throw new BenchError("USAGE", {
        problem: `--${flag.name} needs a value.`,
        fix: `Write --${flag.name} ${flag.value}.`,
      });
    values.set(flag.name, [...(values.get(flag.name) ?? []), value ?? ""]);
  }
  const extra = positionals[syntax.maxPositionals];
  if (extra !== undefined && !values.has("help"))
    throw new BenchError("USAGE", { problem: `Unexpected argument "${extra}".`, fix: help });
  return {
    positionals,
    has: (name) => values.has(name),
    last: (name) => values.get(name)?.at(-1),
    all: (name) => values.get(name) ?? [],
  };
}

/** A command's help, at most 80 columns wide. */
export function commandHelp(syntax: Syntax, summary: string): string {
  const usage = `mcp-code-bench ${syntax.command} ${syntax.positionals}`.trimEnd();
  const rows = [...syntax.flags, ...standardFlags].map((flag) => [
    `  --${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}`,
    flag.default === undefined ? flag.summary : `${flag.summary} (${flag.default})`,
  ]);
  return `${[
    summary,
    "",
    `Usage: ${usage} [flags]`,
    "",
    ...alignRows(rows),
    ...(syntax.notes.length === 0 ? [] : ["", ...syntax.notes]),
    "",
    `Example: ${syntax.example}`,
  ].join("\n")}\n`;
}

/** Two columns, the second starting where the longest first one ends. */
export function alignRows(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first = ""]) => first.length));
  return rows.map(([first = "", second = ""]) => `${first.padEnd(width)}  ${second}`);
}
