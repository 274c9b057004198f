/** What the command line is given of the process, so that tests can give it another. */
import type { Readable, Writable } from "node:stream";
import type { Registries } from "../../contract/registry.ts";
import type { PlayRun } from "../../contract/run.ts";

/** The process that started this one, where it opened a channel for messages beside the three streams. */
export interface ParentProcess {
  onMessage(listener: (message: unknown) => void): void;
  send(message: object): void;
  /** Without this the channel keeps the process alive. */
  disconnect(): void;
}

/** Somewhere to write text. */
export interface Terminal {
  write(text: string): void;
  readonly isTTY: boolean;
  /** `undefined` where there is no terminal. */
  readonly columns: number | undefined;
}

/** All of the process that commands may use. */
export interface CliProcess {
  /** Without the interpreter and the script. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly nodePath: string;
  readonly nodeVersion: string;
  readonly tmpDir: string;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** The raw streams, for a command that speaks a protocol and writes nothing else. */
  protocolStreams(): { readonly input: Readable; readonly output: Writable };
  readonly parent: ParentProcess | undefined;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The time of day. */
  readonly date: () => Date;
  /** Calls `listener` on SIGINT and SIGTERM in place of ending the process, until the returned function is called. */
  onInterrupt(listener: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Loaded when a command needs it. */
  registries(): Promise<Registries>;
  /** Loaded when a command plays. */
  playRun(): Promise<PlayRun>;
}

/** 0: fine. 1: a check or verifier failed, or a cell could not be played. 2: usage or harness error. 130: interrupted. */
export type ExitCode = 0 | 1 | 2 | 130 | 143;
