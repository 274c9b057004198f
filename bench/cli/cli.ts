/**
 * The command line without a process: everything it touches comes in as `CliProcess`, so that tests run it whole.
 * Only what `--help` needs is imported here: a command is loaded when it is named, because start-up time is the first
 * thing that a user notices.
 */

import { BenchError } from "../../contract/errors.ts";
import { nearest } from "../../contract/flags/selection.ts";
import { terminalText } from "../../reports/escape.ts";
import { packageVersion } from "../records/version.ts";
import type { CliProcess, ExitCode } from "./cli-process.ts";
import { commandEntry, commandNames } from "./commands/registry.ts";
import { commandHelp, parseArguments } from "./flags.ts";
import { generalHelp } from "./help.ts";

/** Runs one command line to its exit code. Never rejects. */
export async function runCli(cli: CliProcess): Promise<ExitCode> {
  try {
    return await dispatch(cli);
  } catch (error) {
    return report(error, cli);
  }
}

async function dispatch(cli: CliProcess): Promise<ExitCode> {
  const [name, ...rest] = cli.args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    cli.stdout.write(generalHelp());
    return 0;
  }
  if (name === "--version" || name === "-v") {
    cli.stdout.write(`${await packageVersion()}\n`);
    return 0;
  }
  const entry = commandEntry(name);
  if (entry === undefined) {
    const close = nearest(name, commandNames);
    throw new BenchError("USAGE", {
      problem: `Unknown ${name.startsWith("-") ? "flag" : "command"} ${name}.`,
      fix: close === undefined ? `Commands: ${commandNames.join(", ")}.` : `Did you mean mcp-code-bench ${close}?`,
    });
  }
  const command = await entry.load();
  const args = parseArguments(command.syntax, rest);
  if (args.has("help")) {
    cli.stdout.write(commandHelp(command.syntax, entry.summary));
    return 0;
  }
  return await command.run(args, cli);
}

const inLines = (text: string) => text.split("\n").map(terminalText).join("\n");

/** Says what went wrong on stderr. The stack is for whoever mends this program, so it is printed only when asked for. */
function report(error: unknown, cli: CliProcess): ExitCode {
  // A message may quote what a server wrote.
  const message = error instanceof Error ? error.message : String(error);
  cli.stderr.write(`error: ${inLines(message)}\n`);
  if (error instanceof BenchError) return 2;
  const debug = cli.args.includes("--debug") || (cli.env.DEBUG ?? "") !== "";
  if (debug && error instanceof Error) cli.stderr.write(`${inLines(error.stack ?? "")}\n`);
  else cli.stderr.write("This is a defect in mcp-code-bench. Run the command again with --debug for the stack.\n");
  return 2;
}
