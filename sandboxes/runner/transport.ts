/**
 * The runner's end of its channel: standard input and output, or a Unix socket. Writing is synchronous, so that what a
 * program printed before it looped, crashed or was killed has reached the host.
 */
import { Buffer } from "node:buffer";
import { openSync, writeSync } from "node:fs";
import { connect, Socket, type SocketConstructorOpts } from "node:net";
import process from "node:process";

export interface Transport {
  /** Returns when the system has all of it. */
  write(bytes: Uint8Array): void;
  onData(listener: (chunk: Buffer) => void): void;
  /** The host has gone. */
  onEnd(listener: () => void): void;
  /** Whether the channel alone keeps the process from ending. */
  keepAlive(alive: boolean): void;
}

const pause = new Int32Array(new SharedArrayBuffer(4));
const wait = Atomics.wait.bind(Atomics);

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) {
    try {
      written += writeSync(file, bytes, written);
    } catch (error) {
      // A full pipe or socket that does not block: the host is still reading.
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      wait(pause, 0, 0, 1);
    }
  }
}

function over(stream: Socket, file: number): Transport {
  return {
    write: (bytes) => writeAll(file, bytes),
    onData: (listener) => void stream.on("data", listener),
    onEnd(listener) {
      stream.on("end", listener);
      stream.on("close", listener);
      stream.on("error", listener);
    },
    keepAlive(alive) {
      if (alive) stream.ref();
      else stream.unref();
    },
  };
}

/** A character device other than a terminal, e.g. a virtual machine's port: Node's public API reads it only with blocking threads. */
function overDevice(path: string): Transport {
  const file = openSync(path, "r+");
  type PipeHandle = { open(file: number): number };
  const { binding } = process as unknown as {
    binding(name: "pipe_wrap"): { Pipe: new (kind: number) => PipeHandle; constants: { SOCKET: number } };
  };
  const { Pipe, constants } = binding("pipe_wrap");
  const handle = new Pipe(constants.SOCKET);
  handle.open(file);
  const stream = new Socket({ handle, readable: true, writable: false } as unknown as SocketConstructorOpts);
  return over(stream, file);
}

const newline = Buffer.from("\n");

/** A frame without its length, in base64: text without a newline. */
const asLine = (frame: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(Buffer.from(frame.buffer, frame.byteOffset + 4, frame.byteLength - 4).toString("base64")), newline]);

/**
 * `address` is `stdio`; `lines`, the same for a host that is given standard output as text, in which each frame is a
 * line of base64; the path of a character device; or that of a Unix socket on which the host listens.
 */
export async function openTransport(address: string): Promise<Transport> {
  // A pipe, and not process.stdin, which not every runtime lets go.
  if (address === "stdio") return over(new Socket({ fd: 0, readable: true, writable: false }), 1);
  if (address === "lines") {
    const binary = over(process.stdin, 1);
    return { ...binary, write: (frame) => binary.write(asLine(frame)) };
  }
  if (address.startsWith("/dev/")) return overDevice(address);
  const socket = connect(address);
  const connected = Promise.withResolvers<void>();
  socket.once("connect", connected.resolve);
  socket.once("error", connected.reject);
  await connected.promise;
  // Node gives a socket's descriptor no public name; writing through the stream would wait for the event loop.
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  return over(socket, fd);
}
