/** The commands, one line each. */
import type { Command } from "./command.ts";

const commands: { readonly [name: string]: () => Promise<Command> } = {
  run: async () => (await import("./commands/run.ts")).runCommand,
  list: async () => (await import("./commands/list.ts")).listCommand,
  serve: async () => (await import("./commands/serve.ts")).serveCommand,
  report: async () => (await import("./commands/report.ts")).reportCommand,
  gate: async () => (await import("./commands/gate.ts")).gateCommand,
  sandboxes: async () => (await import("./sandboxes/sandboxes.ts")).sandboxesCommand,
  types: async () => (await import("./commands/types.ts")).typesCommand,
};

export const commandNames: readonly string[] = Object.keys(commands);

/** `undefined` if there is no such command. */
export async function loadCommand(name: string): Promise<Command | undefined> {
  return Object.hasOwn(commands, name) ? await commands[name]?.() : undefined;
}
