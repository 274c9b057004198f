/**
 * The messages between a runner (the process inside a box that plays programs) and the host, and their frames: a four-byte
 * big-endian length and that many bytes of JSON in UTF-8. What a runner sends is untrusted.
 */
// Not the global: programs do not have it, so runners take it away.
import { Buffer } from "node:buffer";
import type { Program } from "../../contract/index.ts";
import type { Thrown } from "../guest/contract.ts";
import type { FileActivity } from "../workspace/workspace.ts";
import type { GuestCall, GuestReply } from "./tool-calls.ts";

/** Longest frame either side accepts; a longer one is refused before it is sent, or ends the channel. */
export const maxFrameBytes = 64 * 2 ** 20;

export type FileRequest =
  | { readonly operation: "read"; readonly path: string }
  | { readonly operation: "write"; readonly path: string; readonly base64: string }
  | { readonly operation: "list" };

export type ToRunner =
  /** A file to write before the program; `path` is below the workspace. */
  | { readonly type: "tree"; readonly path: string; readonly encoding: "utf8" | "base64"; readonly content: string }
  | {
      readonly type: "run";
      readonly program: Program;
      /** JavaScript of the program, and of files that it is likely to import: a runner need not load what strips types. */
      readonly javascript: readonly (readonly [string, string])[];
      readonly virtualTime: boolean;
    }
  | { readonly type: "reply"; readonly reply: GuestReply }
  /**
   * To a runner that was started before its session, perhaps in a snapshot that others use too. The clock has been set
   * since, and `randomSeed` (1 to 2^31 - 1) makes the numbers of Math.random its own.
   */
  | { readonly type: "restored"; readonly randomSeed: number }
  /** Ends the runner: for a box whose channel outlives it. */
  | { readonly type: "end" }
  /** Answered by one `file` message; never sent while a program runs. */
  | ({ readonly type: "file" } & FileRequest);

/** How the runner before this one in the same box ended, as the box saw it. */
export interface PreviousEnd {
  readonly code: number;
  /** The end of what it wrote to stderr. */
  readonly errorText: string;
}

export type FromRunner =
  /** The first message. `outOfMemoryKills`: processes of this box that the kernel has ended for memory, where it counts them. */
  | { readonly type: "ready"; readonly previous: PreviousEnd | null; readonly outOfMemoryKills: number | null }
  /** The program is about to begin; an earlier end is the backend's failure. */
  | { readonly type: "started" }
  | { readonly type: "output"; readonly text: string }
  | { readonly type: "call"; readonly call: GuestCall; readonly callWaves: number }
  | {
      readonly type: "done";
      /** `null`: the program returned. */
      readonly thrown: Thrown | null;
      readonly virtualWaitMs: number;
      readonly files: FileActivity;
      readonly callWaves: number;
    }
  /** `fault` is a POSIX code; `value` is base64 for read, JSON of paths for list. */
  | { readonly type: "file"; readonly fault: string | null; readonly value: string };

export function encodeFrame(message: ToRunner | FromRunner): Buffer {
  const json = JSON.stringify(message);
  const frame = Buffer.allocUnsafe(4 + Buffer.byteLength(json));
  frame.writeUInt32BE(frame.length - 4, 0);
  frame.write(json, 4);
  return frame;
}

/** Puts frames together from chunks. Calls `frame` with each one's JSON; returns false once a frame is too long. */
export function frameReader(frame: (json: string) => void): (chunk: Buffer) => boolean {
  /** What is left of earlier chunks, and its length: a long frame is put together once, when it is complete. */
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let neededBytes = 4;
  return (chunk) => {
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes < neededBytes) return true;
    let rest = pending.length === 1 ? chunk : Buffer.concat(pending);
    for (;;) {
      neededBytes = rest.length < 4 ? 4 : 4 + rest.readUInt32BE(0);
      if (neededBytes > 4 + maxFrameBytes) return false;
      if (rest.length < neededBytes) break;
      frame(rest.toString("utf8", 4, neededBytes));
      rest = rest.subarray(neededBytes);
    }
    pending = rest.length === 0 ? [] : [rest];
    pendingBytes = rest.length;
    return true;
  };
}
