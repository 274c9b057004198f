/** What a runner sends when the host asks for a file or the list of all. */
import { maxFrameBytes, maxListBytes } from "../guest/limits.ts";
import type { FromRunner } from "../wire/messages.ts";

type Send = (message: FromRunner) => void;

/** A message's bytes beside the kind. */
const partBytes = maxFrameBytes - 1;

export function sendFile(bytes: Uint8Array, send: Send): void {
  for (let at = 0; at < bytes.byteLength; at += partBytes)
    send({ type: "part", bytes: new Uint8Array(bytes.subarray(at, at + partBytes)) });
}

/** No more than just too much for the host. */
export function sendPaths(paths: readonly string[], send: Send): void {
  const list = new TextEncoder().encode(paths.map((path) => `${path}\0`).join(""));
  sendFile(list.subarray(0, maxListBytes + 1), send);
}
