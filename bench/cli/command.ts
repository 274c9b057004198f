/** What a command is. */
import type { CliProcess, ExitCode } from "./cli-process.ts";
import type { Arguments, Syntax } from "./flags.ts";

/** One file a command: what it accepts, and what it does. */
export interface Command {
  readonly syntax: Syntax;
  run(args: Arguments, cli: CliProcess): Promise<ExitCode>;
}
