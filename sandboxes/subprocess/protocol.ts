/** The messages between the host and a program's own process. What the process sends is untrusted. */
import type { Program } from "../../bench/types/index.ts";
import type { Thrown } from "../guest/contract.ts";
import type { GuestCall, GuestReply } from "../session/tool-calls.ts";
import type { FileActivity } from "../workspace/workspace.ts";

export type ToChild =
  | { readonly type: "run"; readonly program: Program; readonly virtualTime: boolean }
  | { readonly type: "reply"; readonly reply: GuestReply };

export type FromChild =
  /** The program is about to begin; an earlier end is the backend's failure. */
  | { readonly type: "started" }
  | { readonly type: "call"; readonly call: GuestCall; readonly callWaves: number }
  | {
      readonly type: "done";
      /** `null`: the program returned. */
      readonly thrown: Thrown | null;
      readonly virtualWaitMs: number;
      readonly files: FileActivity;
      readonly callWaves: number;
    };
