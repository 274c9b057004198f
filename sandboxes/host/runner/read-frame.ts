/**
 * What a runner sent, read without trust: the guest may share its process. Lengths are checked before anything is decoded,
 * and nothing here is JSON. See `wire/frames.ts` for the layout.
 */
import { limitNames } from "../../../contract/index.ts";
import { maxNameLength } from "../../guest/limits.ts";
import { callHeadBytes } from "../../wire/frames.ts";
import type { FromRunner, GuestCall, RunEnd } from "../../wire/messages.ts";

/** A message; `undefined` for bytes that are none. */
export function readFromRunner(body: Buffer): FromRunner | undefined {
  const kind = String.fromCharCode(body[0] ?? 0);
  const size = body.length - 1;
  switch (kind) {
    case "R": {
      if (size < 10) return undefined;
      const [code, kills] = [body.readInt32BE(1), body.readInt32BE(5)];
      const end = 11 + body.readUInt16BE(9);
      const previous = code < 0 ? null : { code, errorText: body.toString("utf8", end) };
      return { type: "ready", token: body.toString("utf8", 11, end), previous, outOfMemoryKills: kills < 0 ? null : kills };
    }
    case "o":
      return size === 0 ? { type: "opened" } : undefined;
    case "S":
      return size === 0 ? { type: "started" } : undefined;
    case "O":
      return { type: "output", text: body.toString("utf8", 1) };
    case "C":
    case "c": {
      const calls = readCalls(body);
      return calls === undefined ? undefined : { type: "calls", calls, more: kind === "c" };
    }
    case "W":
      return size === 8 ? { type: "wait", milliseconds: body.readDoubleBE(1) } : undefined;
    case "D":
      return readDone(body);
    case "P":
      // A copy: what it is part of is longer.
      return { type: "part", bytes: new Uint8Array(body.subarray(1)) };
    case "A":
      return size > 16 ? undefined : { type: "answer", fault: size === 0 ? null : body.toString("latin1", 1) };
    case "u":
      if (size === 0) return { type: "usage", residentBytes: null };
      return size === 8 ? { type: "usage", residentBytes: body.readDoubleBE(1) } : undefined;
    case "B":
    case "b":
    case "N": {
      const end = size < 4 ? 0 : 5 + body.readUInt32BE(1);
      if (end === 0 || end > body.length || (kind === "N" && end !== body.length)) return undefined;
      const path = body.toString("utf8", 5, end);
      const content = kind === "N" ? null : new Uint8Array(body.subarray(end));
      return { type: "wrote", path, content, continues: kind === "b" };
    }
    case "M":
      return { type: "need", url: body.toString("utf8", 1) };
    default:
      return undefined;
  }
}

function readCalls(body: Buffer): GuestCall[] | undefined {
  const calls: GuestCall[] = [];
  let at = 1;
  while (at < body.length) {
    if (body.length - at < callHeadBytes) return undefined;
    const id = body.readUInt32BE(at);
    const server = body.readUInt16BE(at + 4);
    const tool = body.readUInt16BE(at + 6);
    const input = body.readUInt32BE(at + 8);
    at += callHeadBytes;
    if (server > 3 * maxNameLength || tool > 3 * maxNameLength || input > body.length - at - server - tool) return undefined;
    calls.push({
      id,
      server: body.toString("utf8", at, at + server),
      tool: body.toString("utf8", at + server, at + server + tool),
      inputJson: body.toString("utf8", at + server + tool, at + server + tool + input),
    });
    at += server + tool + input;
  }
  return calls.length === 0 ? undefined : calls;
}

function readDone(body: Buffer): FromRunner | undefined {
  const fields: string[] = [];
  let at = 2;
  for (let n = 0; n < 5; n++) {
    if (body.length - at < 4) return undefined;
    const bytes = body.readUInt32BE(at);
    at += 4;
    if (bytes > body.length - at) return undefined;
    fields.push(body.toString("utf8", at, at + bytes));
    at += bytes;
  }
  const [name = "", message = "", stack = "", read = "", wrote = ""] = fields;
  const end = endOf(String.fromCharCode(body[1] ?? 0), name, message, stack);
  if (end === undefined || at !== body.length) return undefined;
  return { type: "done", end, files: { read: paths(read), wrote: paths(wrote) } };
}

function endOf(status: string, name: string, message: string, stack: string): RunEnd | undefined {
  if (status === "R") return { status: "returned" };
  if (status === "T") return { status: "threw", thrown: { name, message, stack } };
  if (status === "B") return { status: "broken", reason: message };
  const limit = limitNames.find((one) => one === name);
  return status === "L" && limit !== undefined ? { status: "limit-exceeded", limit } : undefined;
}

/** The texts before each NUL. */
export const paths = (list: string): string[] => list.split("\0").slice(0, -1);
