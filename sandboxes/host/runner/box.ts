/** What a backend provides for a session: a box in which one runner after another runs. */
import { BenchError } from "../../../contract/index.ts";
import type { Channel } from "./channel.ts";

/** How a runner's process ended. */
export interface RunnerEnd {
  /** Its exit code; `null` if it was killed or its end is not known. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of its stderr. Programs do not write there; an engine that gives up does. */
  readonly errorText: string;
  /** The kernel ended it, or the whole box, for its memory. */
  readonly outOfMemory: boolean;
}

/** One runner that is ready. A message that cannot be sent is dropped, and `ended` says why. */
export interface RunnerConnection extends Channel {
  /** Settles once its process is gone, or once its channel is gone and the box has said what it knows. */
  readonly ended: Promise<RunnerEnd>;
  /** Ends it, and what it started, after its program. Resolves when the next may be asked for. */
  release(): Promise<void>;
}

export interface RunnerBox {
  /**
   * The runner's code stands apart from its guest (around an engine, and not in the guest's process), so that its word on
   * files, limits and its own failures is the host's own. Absent: the guest may have said whatever the runner says.
   */
  readonly isApart?: boolean;
  /** One runner plays all programs of the session. Absent: that of Python does, and each JavaScript program has its own. */
  readonly keepsRunner?: boolean;
  /** Milliseconds past the wall time that a runner which keeps that limit itself is given. Absent: 0. */
  readonly graceMs?: number;
  /** The next runner, ready. Rejects with SANDBOX_UNAVAILABLE. Only one at a time. */
  nextRunner(): Promise<RunnerConnection>;
  /** Resident bytes of everything in the box; `null` if they cannot be measured. */
  residentBytes(): Promise<number | null>;
  /**
   * Ends the box, everything in it, and removes what it left on the host. Idempotent; never rejects. `isClean`: no program
   * is running, and none had to be stopped.
   */
  destroy(isClean?: boolean): Promise<void>;
}

/** SANDBOX_UNAVAILABLE for something that went wrong in a backend that did start. */
export const boxFailure = (sandbox: string, reason: string, cause?: unknown) =>
  new BenchError(
    "SANDBOX_UNAVAILABLE",
    { sandbox, reason, fix: `Run it again; if it fails again, leave it out with --sandbox '!${sandbox}'.` },
    { cause },
  );
