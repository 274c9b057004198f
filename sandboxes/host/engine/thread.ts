/** A thread or process that holds an engine and serves one session after another, as the host has it. */
import type { RunnerEnd } from "../runner/box.ts";
import type { Channel } from "../runner/channel.ts";

export interface EngineThread extends Channel {
  /** Settles when it has ended, by itself or not. */
  readonly ended: Promise<RunnerEnd>;
  /** Whether it keeps this process alive. At first it does not. */
  keepAlive(needed: boolean): void;
  /** Resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
}

/** The end of a thread, which has neither a code nor a signal. */
export const threadEnd = (errorText: string, outOfMemory: boolean): RunnerEnd => ({
  code: null,
  signal: errorText,
  errorText,
  outOfMemory,
});
