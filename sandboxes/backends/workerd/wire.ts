/** What passes between the host and an isolate: a line of JSON each. Both sides import this file; it does nothing. */

import type { RealmFault } from "../../guest/realm-contract.ts";
import type { FromWorker, ToWorker } from "../../wire/engine-protocol.ts";

/** A module of the workspace as a function, or the error in it. */
export interface CompiledModule {
  readonly url: string;
  readonly js?: string;
  readonly fault?: RealmFault;
}

/** A file in base64, or `null` for a folder. */
export type WireFile = readonly [path: string, base64: string | null];

export type ToIsolate =
  | {
      readonly type: "start";
      /** Text by path: the tree, as it is given to every session. */
      readonly tree: readonly (readonly [path: string, text: string])[];
      /** Everything else in the workspace. */
      readonly files: readonly WireFile[];
      readonly modules: readonly CompiledModule[];
      /** What the guest may write. */
      readonly storeBytes: number;
      readonly run: Extract<ToWorker, { type: "run" }>;
    }
  | Extract<ToWorker, { type: "reply" }>
  | { readonly type: "compiled"; readonly request: number; readonly modules: readonly CompiledModule[] };

export type FromIsolate =
  | { readonly type: "ready" }
  | Extract<FromWorker, { type: "calls" }>
  /** `written`: files as they are now, and folders. */
  | (Extract<FromWorker, { type: "done" }> & { readonly written: readonly WireFile[] })
  /** Asks for a module and what it imports; `written` as above. */
  | { readonly type: "compile"; readonly request: number; readonly url: string; readonly written: readonly WireFile[] };
