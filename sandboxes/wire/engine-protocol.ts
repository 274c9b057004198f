/** The messages between the host and what serves a session beside an engine. Where a guest decides the content, they hold strings. */
import type { LimitName, Program } from "../../contract/index.ts";
import type { Thrown } from "../guest/contract.ts";
import type { DataFiles } from "../workspace/memory-store.ts";
import type { FileActivity } from "../workspace/workspace.ts";
import type { GuestCall, GuestReply } from "./tool-calls.ts";

/**
 * Trees that a worker keeps, by number, so that the same hundreds of files are not copied to it for every session. Host
 * and worker forget all of them when one more would be kept: no message has to say so.
 */
export const keptTrees = 16;

export type ToWorker =
  /** `files` is `null` where the worker has the tree already; see `keptTrees`. */
  | {
      readonly type: "open";
      readonly tree: number;
      readonly files: ReadonlyMap<string, string> | null;
      readonly data: DataFiles;
      readonly memoryBytes: number;
    }
  | {
      readonly type: "run";
      readonly run: number;
      readonly program: Program;
      readonly wallTimeMs: number;
      readonly outputBytes: number;
      readonly virtualTime: boolean;
    }
  | { readonly type: "reply"; readonly run: number; readonly reply: GuestReply }
  | { readonly type: "readFile"; readonly request: number; readonly path: string }
  | { readonly type: "writeFile"; readonly request: number; readonly path: string; readonly bytes: Uint8Array }
  | { readonly type: "listFiles"; readonly request: number }
  | { readonly type: "usage"; readonly request: number }
  /** Answered when the first program's machine is ready. */
  | { readonly type: "opened"; readonly request: number }
  | { readonly type: "close" };

/** How a run ended, as the worker saw it. `broken`: the engine itself failed; the worker must not be used again. */
export type RunEnd =
  | { readonly status: "returned" }
  | { readonly status: "threw"; readonly thrown: Thrown }
  | { readonly status: "limit-exceeded"; readonly limit: LimitName }
  | { readonly status: "broken"; readonly reason: string };

/** What a run has done so far. */
export interface Progress {
  /** Output since the last message. */
  readonly output: string;
  readonly files: FileActivity;
  readonly callWaves: number;
}

export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "calls"; readonly run: number; readonly calls: readonly GuestCall[]; readonly progress: Progress }
  | {
      readonly type: "done";
      readonly run: number;
      readonly end: RunEnd;
      readonly outputCut: boolean;
      readonly virtualWaitMs: number;
      readonly progress: Progress;
    }
  | { readonly type: "answer"; readonly request: number; readonly value: string[] | Uint8Array | number | null };
