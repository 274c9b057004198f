/**
 * The command line without a process: everything it touches comes in as `CliProcess`, so that tests run it whole.
 * Only what `--help` needs is imported here; commands load the rest themselves, because start-up time is the first thing
 * that a user notices.
 */

import { BenchError } from "../../contract/errors.ts";
import type { CliProcess, ExitCode } from "./cli-process.ts";
import { commandNames, loadCommand } from "./commands.ts";
import { commandHelp, parseArguments } from "./flags.ts";
import { generalHelp } from "./help.ts";

/** Runs one command line to its exit code. Never rejects. */
export async function runCli(cli: CliProcess): Promise<ExitCode> {
  try {
    return await dispatch(cli);
  } catch (error) {
    return await report(error, cli);
  }
}

async function dispatch(cli: CliProcess): Promise<ExitCode> {
  const [name, ...rest] = cli.args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    cli.stdout.write(await generalHelp());
    return 0;
  }
  if (name === "--version" || name === "-v") {
    const { packageVersion } = await import("../version.ts");
    cli.stdout.write(`${await packageVersion()}\n`);
    return 0;
  }
  const command = await loadCommand(name);
  if (command === undefined) {
    const { nearest } = await import("../run/selection.ts");
    const close = nearest(name, commandNames);
    throw new BenchError("USAGE", {
      problem: `Unknown ${name.startsWith("-") ? "flag" : "command"} ${name}.`,
      fix: close === undefined ? `Commands: ${commandNames.join(", ")}.` : `Did you mean mcp-code-bench ${close}?`,
    });
  }
  const args = await parseArguments(command.syntax, rest);
  if (args.has("help")) {
    cli.stdout.write(commandHelp(command.syntax));
    return 0;
  }
  return await command.run(args, cli);
}

/** Says what went wrong on stderr. The stack is for whoever mends this program, so it is printed only when asked for. */
async function report(error: unknown, cli: CliProcess): Promise<ExitCode> {
  // A message may quote what a server wrote.
  const { terminalText } = await import("../../reports/escape.ts");
  const message = error instanceof Error ? error.message : String(error);
  cli.stderr.write(`error: ${message.split("\n").map(terminalText).join("\n")}\n`);
  if (error instanceof BenchError) return 2;
  const debug = cli.args.includes("--debug") || (cli.env.DEBUG ?? "") !== "";
  if (debug && error instanceof Error) cli.stderr.write(`${error.stack ?? ""}\n`);
  else cli.stderr.write("This is a defect in mcp-code-bench. Run the command again with --debug for the stack.\n");
  return 2;
}
