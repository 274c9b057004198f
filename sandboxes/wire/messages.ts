/**
 * What a runner and the host say to each other, whatever carries it: a stream of frames (`frames.ts`) or the messages of a
 * worker thread. A runner plays programs for a guest: a process in a box, or a thread or process that holds an engine.
 *
 * One program at a time: `run`, then `started`, then any number of `output`, `calls` and `wait`, then `done`. Each call is
 * answered by one `reply`, each `wait` by one `waited`. Between programs the host may `ask`.
 */
import type { LimitName, Program } from "../../contract/index.ts";
import type { Thrown } from "../guest/contract.ts";
import type { RealmFault } from "../guest/realm-contract.ts";
import type { FileActivity } from "../workspace/workspace.ts";

/** One call as a guest made it. `id` is used once in a run. */
export interface GuestCall {
  readonly id: number;
  readonly server: string;
  readonly tool: string;
  /** A JSON object as text. */
  readonly inputJson: string;
}

/** What goes back: the JSON of structured content, text, or why it was refused. */
export interface GuestReply {
  readonly id: number;
  readonly kind: "json" | "text" | "refused";
  readonly text: string;
}

/**
 * Trees that a runner keeps, by number, so that the same hundreds of files are not copied to it for every session. Host
 * and runner forget all of them when one more would be kept: no message has to say so.
 */
export const keptTrees = 16;

export type FileRequest =
  | { readonly operation: "read"; readonly path: string }
  | { readonly operation: "write"; readonly path: string; readonly bytes: Uint8Array }
  | { readonly operation: "list" };

export type ToRunner =
  /** A file to be there before the first program; `null` is a folder. `path` is below the workspace. */
  | { readonly type: "file"; readonly path: string; readonly content: string | Uint8Array | null }
  | {
      readonly type: "run";
      readonly program: Program;
      /** JavaScript of the program, and of files that it is likely to import: a runner need not load what strips types. */
      readonly javascript: readonly (readonly [string, string])[];
      /** For runners that can stop a guest themselves; the host keeps both limits all the same. */
      readonly wallTimeMs: number;
      readonly outputBytes: number;
      readonly virtualTime: boolean;
    }
  | ({ readonly type: "reply" } & GuestReply)
  | { readonly type: "waited" }
  /** Answered by `part` messages and one `answer`; never sent while a program runs. */
  | ({ readonly type: "ask" } & FileRequest)
  /**
   * To a runner that was started before its session, perhaps in a snapshot that others use too. The clock has been set
   * since, and `randomSeed` (1 to 2^31 - 1) makes the numbers of Math.random its own.
   */
  | { readonly type: "restored"; readonly randomSeed: number }
  /**
   * To a runner that serves one session after another: begins one with the text files of `tree`, which came before as
   * `file` messages unless the runner has that tree already, and the other files that came. Answered by `opened` when the
   * first program can begin at once.
   */
  | { readonly type: "open"; readonly tree: number; readonly isKnown: boolean; readonly memoryBytes: number }
  /** To a runner that cannot compile: a module as a function, or the error in it. Before the program, and after a `need`. */
  | ({ readonly type: "module" } & CompiledModule)
  /** All that a `need` asked for has come. */
  | { readonly type: "supplied" }
  /** Answered by `usage`. */
  | { readonly type: "measure" }
  | { readonly type: "close" };

/** A module of the workspace, for a runner that cannot make one of its source. */
export interface CompiledModule {
  readonly url: string;
  readonly js?: string;
  readonly fault?: RealmFault;
}

/** How the runner before this one in the same box ended, as the box saw it. */
export interface PreviousEnd {
  readonly code: number;
  /** The end of what it wrote to stderr. */
  readonly errorText: string;
}

/** How a run ended, as the runner saw it. `limit` and `broken` come only from runners apart from their guest. */
export type RunEnd =
  | { readonly status: "returned" }
  | { readonly status: "threw"; readonly thrown: Thrown }
  | { readonly status: "limit-exceeded"; readonly limit: LimitName }
  /** The engine itself failed; the runner must not be used again. */
  | { readonly status: "broken"; readonly reason: string };

export type FromRunner =
  /** The first message. `outOfMemoryKills`: processes of this box that the kernel has ended for memory, where it counts them. */
  | {
      readonly type: "ready";
      /** What the box was told to start it with, by which the host knows its own runner; empty where nothing else can connect. */
      readonly token: string;
      readonly previous: PreviousEnd | null;
      readonly outOfMemoryKills: number | null;
    }
  | { readonly type: "opened" }
  /** The program is about to begin; an earlier end is the backend's failure. */
  | { readonly type: "started" }
  | { readonly type: "output"; readonly text: string }
  /** Calls that the program made before it yielded; `more`: the rest of them follows. */
  | { readonly type: "calls"; readonly calls: readonly GuestCall[]; readonly more: boolean }
  /** Nothing can happen but that virtual time passes: this much. */
  | { readonly type: "wait"; readonly milliseconds: number }
  /** Lists that are too long are cut. */
  | { readonly type: "done"; readonly end: RunEnd; readonly files: FileActivity }
  | { readonly type: "part"; readonly bytes: Uint8Array }
  /** `fault` is a POSIX code. The parts before are a file's bytes, or paths with a NUL after each. */
  | { readonly type: "answer"; readonly fault: string | null }
  /**
   * Of a runner that keeps no files beyond its program: what that has written, as it is now, before `need` and `done`;
   * `null` is a folder. A long file comes in pieces, one after another.
   */
  | { readonly type: "wrote"; readonly path: string; readonly content: Uint8Array | null; readonly continues: boolean }
  /** Of a runner that cannot compile: the program imports this module. */
  | { readonly type: "need"; readonly url: string }
  /** `null` where it cannot be measured. */
  | { readonly type: "usage"; readonly residentBytes: number | null };
