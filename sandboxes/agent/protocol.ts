/**
 * What an agent (the process inside a box that carries one program) and the host say to each other, and how: frames of
 * a four-byte big-endian length and that many bytes of JSON in UTF-8. What an agent sends is untrusted.
 */
// Not the global: programs do not have it, so agents take it away.
import { Buffer } from "node:buffer";
import type { Program } from "../../bench/types/index.ts";
import type { Thrown } from "../guest/contract.ts";
import type { GuestCall, GuestReply } from "../session/tool-calls.ts";
import type { FileActivity } from "../workspace/workspace.ts";

/** Longest frame either side accepts; a longer one is refused before it is sent, or ends the channel. */
export const maxFrameBytes = 64 * 2 ** 20;

export type FileRequest =
  | { readonly operation: "read"; readonly path: string }
  | { readonly operation: "write"; readonly path: string; readonly base64: string }
  | { readonly operation: "list" };

export type ToAgent =
  /** Files to write before the program: path below the workspace, text. */
  | { readonly type: "tree"; readonly files: readonly (readonly [string, string])[] }
  | {
      readonly type: "run";
      readonly program: Program;
      /** JavaScript of the program, and of files that it is likely to import: an agent need not load what strips types. */
      readonly javascript: readonly (readonly [string, string])[];
      readonly virtualTime: boolean;
    }
  | { readonly type: "reply"; readonly reply: GuestReply }
  /** Answered by one `file` message; never sent while a program runs. */
  | ({ readonly type: "file" } & FileRequest);

/** How the agent before this one in the same box ended, as the box saw it. */
export interface PreviousEnd {
  readonly code: number;
  /** The end of what it wrote to stderr. */
  readonly errorText: string;
}

export type FromAgent =
  /** The first message. `outOfMemoryKills`: how many processes of this box the kernel has ended for memory, if it tells. */
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

export function encodeFrame(message: ToAgent | FromAgent): Buffer {
  const json = JSON.stringify(message);
  const frame = Buffer.allocUnsafe(4 + Buffer.byteLength(json));
  frame.writeUInt32BE(frame.length - 4, 0);
  frame.write(json, 4);
  return frame;
}

/** Puts frames together from chunks. Calls `frame` with each one's JSON; returns false once a frame is too long. */
export function frameReader(frame: (json: string) => void): (chunk: Uint8Array) => boolean {
  let chunks: Uint8Array[] = [];
  let pendingBytes = 0;
  return (chunk) => {
    chunks.push(chunk);
    pendingBytes += chunk.byteLength;
    for (;;) {
      if (pendingBytes < 4) return true;
      if ((chunks[0]?.byteLength ?? 0) < 4) chunks = [Buffer.concat(chunks)];
      const first = chunks[0] ?? new Uint8Array();
      const length = new DataView(first.buffer, first.byteOffset, 4).getUint32(0);
      if (length > maxFrameBytes) return false;
      if (pendingBytes < 4 + length) return true;
      const whole = Buffer.concat(chunks);
      frame(whole.toString("utf8", 4, 4 + length));
      chunks = [whole.subarray(4 + length)];
      pendingBytes -= 4 + length;
    }
  };
}
