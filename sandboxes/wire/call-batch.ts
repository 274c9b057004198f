/** Calls that a program makes before it yields leave together, in frames that the host accepts. */
import { Buffer } from "node:buffer";
import { maxFrameBytes, maxInputBytes } from "../guest/limits.ts";
import type { FromRunner, GuestCall } from "./messages.ts";

const { byteLength } = Buffer;

/** Bytes beside the input: numbers, and names of the greatest length. */
const overheadBytes = 2_048;

export interface CallBatch {
  /** `false`: its input is too long to leave. */
  add(call: GuestCall): boolean;
  /** The program has yielded. */
  flush(): void;
}

export function callBatch(send: (message: FromRunner) => void): CallBatch {
  let calls: GuestCall[] = [];
  let bytes = 0;
  const leave = (more: boolean) => {
    const leaving = calls;
    calls = [];
    bytes = 0;
    send({ type: "calls", calls: leaving, more });
  };
  return {
    add(call) {
      const inputBytes = byteLength(call.inputJson);
      if (inputBytes > maxInputBytes) return false;
      const size = inputBytes + overheadBytes;
      if (calls.length > 0 && bytes + size > maxFrameBytes) leave(true);
      calls[calls.length] = call;
      bytes += size;
      return true;
    },
    flush() {
      if (calls.length > 0) leave(false);
    },
  };
}
