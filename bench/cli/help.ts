/** The help that needs no command: what there is, and how to begin. */

import { commandEntry, commandNames } from "./commands/registry.ts";
import { alignRows } from "./flags.ts";

export function generalHelp(): string {
  const rows = commandNames.map((name) => [`  ${name}`, commandEntry(name)?.summary ?? ""]);
  return `${[
    "Plays the same MCP work by direct tool calls and by code execution, and",
    "accounts for every token.",
    "",
    "Usage: mcp-code-bench COMMAND [flags]",
    "",
    "Commands:",
    ...alignRows(rows),
    "",
    "mcp-code-bench COMMAND --help shows a command's flags; --version the version.",
    "Exit codes: 0 fine, 1 a cell failed, 2 usage or harness error, 130 Ctrl-C.",
    "",
    "Begin with: mcp-code-bench run",
  ].join("\n")}\n`;
}
