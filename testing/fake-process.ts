/** A process that is only data, for tests of the command line. */
import { tmpdir } from "node:os";
import type { CliProcess, Terminal } from "../bench/cli/cli-process.ts";
import type { PlayRun, Registries } from "../contract/index.ts";

export interface FakeProcess extends CliProcess {
  readonly written: { stdout: string; stderr: string };
  /** Codes given to `exit`. */
  readonly exits: readonly number[];
  /** Sends a signal to every listener. */
  interrupt(signal: "SIGINT" | "SIGTERM"): void;
}

export interface FakeProcessOptions {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Columns of a terminal; absent: there is no terminal. */
  readonly columns?: number;
  readonly registries?: Registries;
  readonly playRun?: PlayRun;
  /** What `protocolStreams` gives. */
  readonly streams?: ReturnType<CliProcess["protocolStreams"]>;
}

export function fakeProcess({
  args,
  cwd = "/",
  env = {},
  columns,
  registries,
  playRun,
  streams,
}: FakeProcessOptions): FakeProcess {
  const written = { stdout: "", stderr: "" };
  const exits: number[] = [];
  const listeners = new Set<(signal: "SIGINT" | "SIGTERM") => void>();
  const terminal = (name: keyof typeof written): Terminal => ({
    write(text) {
      written[name] += text;
    },
    isTTY: columns !== undefined,
    columns,
  });
  let clockMs = 0;
  return {
    args,
    env,
    cwd,
    platform: "linux",
    nodePath: "/usr/bin/node",
    nodeVersion: "v24.0.0",
    tmpDir: tmpdir(),
    stdout: terminal("stdout"),
    stderr: terminal("stderr"),
    protocolStreams() {
      if (streams === undefined) throw new Error("This test speaks no protocol.");
      return streams;
    },
    parent: undefined,
    now: () => {
      clockMs += 1000;
      return clockMs;
    },
    date: () => new Date("2025-11-21T09:30:00.000Z"),
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exit: (code) => exits.push(code),
    async registries() {
      if (registries === undefined) throw new Error("This test needs no registries.");
      return registries;
    },
    async playRun() {
      if (playRun === undefined) throw new Error("This test plays nothing.");
      return playRun;
    },
    written,
    exits,
    interrupt(signal) {
      for (const listener of listeners) listener(signal);
    },
  };
}
