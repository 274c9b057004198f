/** An engine, as the code that serves sessions uses it: it makes machines, each for one program. */
import type { Guest, GuestHost, Thrown } from "../../guest/contract.ts";
import type { RunEnd } from "../../wire/messages.ts";

/** What a machine calls. A `FileFault` that is thrown reaches the guest as an error with its code, without a host stack. */
export interface MachineHost extends GuestHost {
  /** JavaScript of a workspace module, by URL. */
  load(url: string): string;
  /** Called often while the guest computes, by engines that can; throwing ends the machine, and the guest cannot catch it. */
  tick(): void;
  /** Milliseconds of wall time that the run has left; for engines that are given it with every call. */
  remainingMs(): number;
}

export interface Machine extends Omit<Guest, "fail"> {
  /** Runs all promise jobs; returns a promise where only the event loop can do that. */
  runJobs(): Promise<void> | undefined;
  /** Ends the run with a rejection that nobody listens to, if there is one. */
  failLost(): void;
  /** Bytes of the machine's whole memory; `null` where they cannot be measured. */
  memoryBytes(): number | null;
  /** Gives the machine back; it must not be used again. `clean`: its program came to its own end. */
  release(clean: boolean): void;
}

export interface Engine {
  /**
   * Whether the guest is apart from this side, which can stop it then. Else the host has to end both, so output leaves at
   * once and this side keeps no limit.
   */
  readonly isApart: boolean;
  /** A fresh machine; the argument is the memory that its guest may use. */
  make(memoryBytes: number): Promise<Machine>;
  /** How a failure that came out of a machine ends the run. */
  endOf(error: unknown): RunEnd;
  /** Whether an uncaught error says that the memory limit was met. */
  isOutOfMemory(thrown: Thrown): boolean;
}

export type EngineFactory = (host: MachineHost) => Promise<Engine>;

/** Thrown through an engine to end a machine. */
export class Stop extends Error {
  readonly limit: "wallTime" | "memory" | "output";
  constructor(limit: "wallTime" | "memory" | "output") {
    super(limit);
    this.limit = limit;
  }
}
