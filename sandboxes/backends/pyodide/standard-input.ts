/**
 * Standard input for a thread that never returns to its event loop: another thread reads it, this one waits without
 * spinning. When the host has gone, that thread ends the process, whatever the guest is doing.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { codeUrl } from "../../guest-files.ts";

export interface StandardInput {
  /** Bytes that are there, at most `buffer`'s length; 0: none now. */
  readonly read: (buffer: Uint8Array) => number;
  /** Waits until there is something to read. `request` is a little-endian double: milliseconds, or less than 0 for ever. */
  readonly wait: (request: Uint8Array) => number;
  readonly pause: () => void;
}

export function standardInput(): StandardInput {
  const arrivals = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(codeUrl("backends/pyodide/input-thread"), {
    workerData: { port: port2, arrivals },
    transferList: [port2],
    env: {},
    execArgv: [],
  });
  worker.unref();
  port1.unref();
  let pending = new Uint8Array();

  const fill = () => {
    if (pending.byteLength > 0) return true;
    const received = receiveMessageOnPort(port1) as { message: Uint8Array<ArrayBuffer> } | undefined;
    if (received !== undefined) pending = received.message;
    return pending.byteLength > 0;
  };
  return {
    read(buffer) {
      fill();
      const part = pending.subarray(0, buffer.byteLength);
      buffer.set(part);
      pending = pending.subarray(part.byteLength);
      return part.byteLength;
    },
    wait(request) {
      if (request.byteLength !== 8) return request.byteLength;
      const milliseconds = new DataView(request.buffer, request.byteOffset, 8).getFloat64(0, true);
      const deadline = milliseconds < 0 ? Number.POSITIVE_INFINITY : performance.now() + milliseconds;
      for (;;) {
        const seen = Atomics.load(arrivals, 0);
        if (fill()) break;
        const remaining = deadline - performance.now();
        if (!(remaining > 0)) break;
        Atomics.wait(arrivals, 0, seen, remaining);
      }
      return request.byteLength;
    },
    pause: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1),
  };
}
