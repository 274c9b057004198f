#!/usr/bin/env node
/** The process itself: the only file that touches it. */
import { tmpdir } from "node:os";
import { runCli } from "./cli/cli.ts";
import type { CliProcess, ParentProcess, Terminal } from "./cli/cli-process.ts";
import { asTyped } from "./cli/own-command.ts";

/** A closed pipe (`| head`) ends the output and nothing else: files are still written and the exit code still counts. */
function terminal(stream: NodeJS.WriteStream): Terminal {
  let closed = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    closed = true;
  });
  return {
    write(text) {
      if (!closed) stream.write(asTyped(text, process.env));
    },
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
  };
}

function parent(): ParentProcess | undefined {
  if (process.send === undefined) return undefined;
  return {
    onMessage: (listener) => process.on("message", listener),
    // A parent that is gone wants no answer.
    send: (message) => process.send?.(message, undefined, undefined, () => undefined),
    disconnect: () => {
      if (process.connected) process.disconnect();
    },
  };
}

// Node's own printing of warnings cannot leave one kind out. Stripping types is called experimental, and users can do
// nothing about that; every other warning is theirs to see.
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "ExperimentalWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
});

const cli: CliProcess = {
  args: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  nodePath: process.execPath,
  nodeVersion: process.version,
  tmpDir: tmpdir(),
  stdout: terminal(process.stdout),
  stderr: terminal(process.stderr),
  protocolStreams: () => ({ input: process.stdin, output: process.stdout }),
  parent: parent(),
  now: () => performance.now(),
  date: () => new Date(),
  onInterrupt(listener) {
    process.on("SIGINT", listener);
    process.on("SIGTERM", listener);
    return () => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    };
  },
  exit: (code) => process.exit(code),
  registries: async () => (await import("./registries.ts")).registries,
  playRun: async () => (await import("./run/run.ts")).playRun,
};

process.exitCode = await runCli(cli);
