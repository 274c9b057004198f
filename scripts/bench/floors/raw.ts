/** What an adapter is held against: the same work done by hand with the raw API and the same hardening. */
import type { SandboxHost } from "../../../bench/types/index.ts";

export interface RawApi {
  /** Milliseconds from nothing to the result of a first trivial program; what it made is gone when it resolves. */
  cold(): Promise<number>;
  /** Milliseconds for one message of a guest, some 120 bytes, to the host and back: the mean of `calls` in a row. */
  roundTrip(calls: number): Promise<number>;
  dispose(): Promise<void>;
}

/** One file a backend in this folder, named after it. */
export interface RawFloor {
  /** The backend's id. */
  readonly id: string;
  /** What is done by hand, in a sentence. */
  readonly note: string;
  prepare(host: SandboxHost): Promise<RawApi>;
}
