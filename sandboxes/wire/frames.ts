/**
 * Messages as frames: a four-byte big-endian length, one byte that says what it is, and a body of at least no bytes. Short
 * and frequent messages have a layout of bytes, the others to a runner are JSON. Both sides write with this file; what a
 * runner sends is read by the host alone, in `host/runner/read-frame.ts`. *Fields* are texts, each after its u32 of bytes.
 *
 * | byte | from a runner | body |
 * |---|---|---|
 * | `R` | ready | i32 code (-1: no runner before), i32 kills (-1: not counted), u16 bytes of token, token, the end of stderr |
 * | `S` | started | |
 * | `O` | output | UTF-8 |
 * | `C`, `c` | calls; `c`: more follow | for each: u32 id, u16 and u16 bytes of names, u32 bytes of input, server, tool, input |
 * | `W` | wait | f64 milliseconds |
 * | `D` | done | status, one of `RTLB`; fields: name or limit, message or reason, stack, paths read, paths written |
 * | `P` | part | bytes |
 * | `A` | answer | the POSIX code, or nothing |
 * | `o` | opened | |
 * | `u` | usage | f64 bytes, or nothing |
 * | `B`, `b`, `N` | wrote: file, more of it, folder | u32 bytes of path, path, content |
 * | `M` | need | URL |
 *
 * | byte | to a runner | body |
 * |---|---|---|
 * | `X` | run | JSON |
 * | `j`, `t`, `r` | reply: JSON, text, refused | u32 id, UTF-8 |
 * | `w` | waited | |
 * | `T`, `B`, `N` | file: text, bytes, folder | u32 bytes of path, path, content |
 * | `G`, `U`, `L` | ask: read, write, list | as above: path; path and content; nothing |
 * | `s`, `b`, `M` | restored, open, module | JSON |
 * | `m`, `z`, `y` | measure, close, supplied | |
 */
// Not the global: programs do not have it, so runners take it away.
import { Buffer } from "node:buffer";
import { maxReportedLength } from "../guest/limits.ts";
import type { FromRunner, GuestCall, ToRunner } from "./messages.ts";

const { byteLength } = Buffer;
/** With a function of its own: in a process a program may have replaced the methods of text. */
const code: (letter: string, at?: number) => number = Function.prototype.call.bind(String.prototype.charCodeAt);

/** `write` fills `bytes` bytes of the body from the place that it is given. */
function frame(kind: string, bytes: number, write: (frame: Buffer, at: number) => void): Buffer {
  const made = Buffer.allocUnsafe(5 + bytes);
  made.writeUInt32BE(1 + bytes, 0);
  made[4] = code(kind);
  write(made, 5);
  return made;
}
const empty = (kind: string) => frame(kind, 0, () => undefined);
const textFrame = (kind: string, text: string) => frame(kind, byteLength(text), (made, at) => void made.write(text, at));
const numberFrame = (kind: string, value: number) => frame(kind, 8, (made, at) => void made.writeDoubleBE(value, at));
const bytesFrame = (kind: string, bytes: Uint8Array) => frame(kind, bytes.byteLength, (made, at) => made.set(bytes, at));

function fileFrame(kind: string, path: string, content: string | Uint8Array): Buffer {
  const pathBytes = byteLength(path);
  const bytes = typeof content === "string" ? byteLength(content) : content.byteLength;
  return frame(kind, 4 + pathBytes + bytes, (made, at) => {
    made.writeUInt32BE(pathBytes, at);
    made.write(path, at + 4);
    if (typeof content === "string") made.write(content, at + 4 + pathBytes);
    else made.set(content, at + 4 + pathBytes);
  });
}

/** Bytes of a call's numbers. */
export const callHeadBytes = 12;

function callsFrame(calls: readonly GuestCall[], more: boolean): Buffer {
  let bytes = 0;
  for (let i = 0; i < calls.length; i++) {
    const { server, tool, inputJson } = calls[i] as GuestCall;
    bytes += callHeadBytes + byteLength(server) + byteLength(tool) + byteLength(inputJson);
  }
  return frame(more ? "c" : "C", bytes, (made, start) => {
    let at = start;
    for (let i = 0; i < calls.length; i++) {
      const { id, server, tool, inputJson } = calls[i] as GuestCall;
      const serverBytes = made.write(server, at + callHeadBytes);
      const toolBytes = made.write(tool, at + callHeadBytes + serverBytes);
      const inputBytes = made.write(inputJson, at + callHeadBytes + serverBytes + toolBytes);
      made.writeUInt32BE(id, at);
      made.writeUInt16BE(serverBytes, at + 4);
      made.writeUInt16BE(toolBytes, at + 6);
      made.writeUInt32BE(inputBytes, at + 8);
      at += callHeadBytes + serverBytes + toolBytes + inputBytes;
    }
  });
}

function readyFrame({ token, previous, outOfMemoryKills }: Extract<FromRunner, { type: "ready" }>): Buffer {
  const text = previous?.errorText ?? "";
  return frame("R", 10 + byteLength(token) + byteLength(text), (made, at) => {
    made.writeInt32BE(previous?.code ?? -1, at);
    made.writeInt32BE(outOfMemoryKills ?? -1, at + 4);
    const tokenBytes = made.write(token, at + 10);
    made.writeUInt16BE(tokenBytes, at + 8);
    made.write(text, at + 10 + tokenBytes);
  });
}

const statuses = { returned: "R", threw: "T", "limit-exceeded": "L", broken: "B" } as const;

/** Paths with a NUL after each; those that are too many are left out. */
function pathList(paths: readonly string[]): string {
  let text = "";
  for (let i = 0; i < paths.length && text.length + (paths[i] as string).length < maxReportedLength; i++) text += `${paths[i]}\0`;
  return text;
}

function doneFrame({ end, files }: Extract<FromRunner, { type: "done" }>): Buffer {
  const { name, message, stack } = end.status === "threw" ? end.thrown : { name: "", message: "", stack: "" };
  const fields = [
    end.status === "limit-exceeded" ? end.limit : name,
    end.status === "broken" ? end.reason : message,
    stack,
    pathList(files.read),
    pathList(files.wrote),
  ] as const;
  let bytes = 1;
  for (let i = 0; i < fields.length; i++) bytes += 4 + byteLength(fields[i] as string);
  return frame("D", bytes, (made, start) => {
    made[start] = code(statuses[end.status]);
    let at = start + 1;
    for (let i = 0; i < fields.length; i++) {
      const written = made.write(fields[i] as string, at + 4);
      made.writeUInt32BE(written, at);
      at += 4 + written;
    }
  });
}

export function frameFromRunner(message: FromRunner): Buffer {
  switch (message.type) {
    case "ready":
      return readyFrame(message);
    case "opened":
      return empty("o");
    case "started":
      return empty("S");
    case "output":
      return textFrame("O", message.text);
    case "calls":
      return callsFrame(message.calls, message.more);
    case "wait":
      return numberFrame("W", message.milliseconds);
    case "done":
      return doneFrame(message);
    case "part":
      return bytesFrame("P", message.bytes);
    case "answer":
      return textFrame("A", message.fault ?? "");
    case "wrote":
      if (message.content === null) return fileFrame("N", message.path, "");
      return fileFrame(message.continues ? "b" : "B", message.path, message.content);
    case "need":
      return textFrame("M", message.url);
    case "usage":
      return message.residentBytes === null ? empty("u") : numberFrame("u", message.residentBytes);
  }
}

const replyKinds = { json: "j", text: "t", refused: "r" } as const;

export function frameToRunner(message: ToRunner): Buffer {
  switch (message.type) {
    case "reply": {
      const { id, kind, text } = message;
      return frame(replyKinds[kind], 4 + byteLength(text), (made, at) => {
        made.writeUInt32BE(id, at);
        made.write(text, at + 4);
      });
    }
    case "waited":
      return empty("w");
    case "run":
      return textFrame("X", JSON.stringify({ ...message, type: undefined }));
    case "file":
      if (message.content === null) return fileFrame("N", message.path, "");
      return fileFrame(typeof message.content === "string" ? "T" : "B", message.path, message.content);
    case "ask":
      if (message.operation === "list") return empty("L");
      if (message.operation === "read") return fileFrame("G", message.path, "");
      return fileFrame("U", message.path, message.bytes);
    case "restored":
      return textFrame("s", JSON.stringify({ randomSeed: message.randomSeed }));
    case "open":
      return textFrame("b", JSON.stringify({ ...message, type: undefined }));
    case "module":
      return textFrame("M", JSON.stringify({ ...message, type: undefined }));
    case "supplied":
      return empty("y");
    case "measure":
      return empty("m");
    case "close":
      return empty("z");
  }
}

const { parse } = JSON;

/** In a runner: a message of the host's, which is believed. `body`: without its length. */
export function readToRunner(body: Buffer): ToRunner {
  const kind = String.fromCharCode(body[0] ?? 0);
  const text = (from = 1) => body.toString("utf8", from);
  const placed = () => {
    const end = 5 + body.readUInt32BE(1);
    return { path: body.toString("utf8", 5, end), end };
  };
  // A copy: what it is part of may be large.
  const bytesFrom = (at: number) => new Uint8Array(body.subarray(at));
  switch (kind) {
    case "j":
      return { type: "reply", id: body.readUInt32BE(1), kind: "json", text: text(5) };
    case "t":
      return { type: "reply", id: body.readUInt32BE(1), kind: "text", text: text(5) };
    case "r":
      return { type: "reply", id: body.readUInt32BE(1), kind: "refused", text: text(5) };
    case "w":
      return { type: "waited" };
    case "X":
      return { type: "run", ...parse(text()) };
    case "T": {
      const { path, end } = placed();
      return { type: "file", path, content: text(end) };
    }
    case "B": {
      const { path, end } = placed();
      return { type: "file", path, content: bytesFrom(end) };
    }
    case "N":
      return { type: "file", path: placed().path, content: null };
    case "G":
      return { type: "ask", operation: "read", path: placed().path };
    case "U": {
      const { path, end } = placed();
      return { type: "ask", operation: "write", path, bytes: bytesFrom(end) };
    }
    case "L":
      return { type: "ask", operation: "list" };
    case "s":
      return { type: "restored", ...parse(text()) };
    case "b":
      return { type: "open", ...parse(text()) };
    case "M":
      return { type: "module", ...parse(text()) };
    case "y":
      return { type: "supplied" };
    case "m":
      return { type: "measure" };
    case "z":
      return { type: "close" };
    default:
      throw new TypeError(`no message of the host begins with ${kind}`);
  }
}

/**
 * Puts frames together from chunks. Calls `frame` with each one's kind and body; returns false once one is longer than
 * `maxBytes`, or empty. It holds no more than one frame, however small the chunks are.
 */
export function frameReader(maxBytes: number, frame: (body: Buffer) => void): (chunk: Buffer) => boolean {
  const head = Buffer.alloc(4);
  let headBytes = 0;
  /** A frame that has begun, and how much of it is there. */
  let body: Buffer | undefined;
  let bodyBytes = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (body === undefined) {
        const taken = chunk.copy(head, headBytes, at, at + 4 - headBytes);
        headBytes += taken;
        at += taken;
        if (headBytes < 4) break;
        headBytes = 0;
        const length = head.readUInt32BE(0);
        if (length < 1 || length > maxBytes) return false;
        if (chunk.length - at >= length) {
          frame(chunk.subarray(at, at + length));
          at += length;
          continue;
        }
        body = Buffer.allocUnsafe(length);
        bodyBytes = 0;
      }
      const taken = chunk.copy(body, bodyBytes, at);
      bodyBytes += taken;
      at += taken;
      if (bodyBytes < body.length) break;
      const whole = body;
      body = undefined;
      frame(whole);
    }
    return true;
  };
}
