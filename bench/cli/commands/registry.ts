/** The commands, one entry each. A command's file, with all that it imports, is loaded when the command is named. */
import type { Command } from "../command.ts";

interface CommandEntry {
  /** For the list of commands, and at the top of the command's own help. */
  readonly summary: string;
  load(): Promise<Command>;
}

const commands: { readonly [name: string]: CommandEntry } = {
  run: {
    summary: "play scenarios and account for every token",
    load: async () => (await import("./run.ts")).runCommand,
  },
  list: {
    summary: "show what there is, and what can run here",
    load: async () => (await import("./list.ts")).listCommand,
  },
  serve: {
    summary: "offer a mock server to any MCP client",
    load: async () => (await import("./serve.ts")).serveCommand,
  },
  report: {
    summary: "print a finished run's records in a format",
    load: async () => (await import("./report.ts")).reportCommand,
  },
  gate: {
    summary: "judge a run by token budgets and a baseline",
    load: async () => (await import("./gate.ts")).gateCommand,
  },
  sandboxes: {
    summary: "measure what each sandbox costs, or prove what it keeps to",
    load: async () => (await import("../sandboxes/sandboxes.ts")).sandboxesCommand,
  },
  types: {
    summary: "write the server files that programs import, for a type checker",
    load: async () => (await import("./types.ts")).typesCommand,
  },
};

export const commandNames: readonly string[] = Object.keys(commands);

/** `undefined` if there is no such command. */
export const commandEntry = (name: string): CommandEntry | undefined =>
  Object.hasOwn(commands, name) ? commands[name] : undefined;
