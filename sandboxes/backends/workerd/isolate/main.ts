/**
 * Entry of an isolate: serves one program, from the request's body to the process' output. workerd writes a console line at
 * once, so that what a guest printed before it began to compute for ever has left.
 */
import { Buffer } from "node:buffer";
import { maxFrameBytes, maxFrameToRunnerBytes } from "../../../guest/limits.ts";
import { serve } from "../../../runner/engine/serve.ts";
import { frameFromRunner, frameReader, readToRunner } from "../../../wire/frames.ts";
import type { FromRunner, ToRunner } from "../../../wire/messages.ts";
import { isolateEngine } from "./engine.ts";
import { addCompiled } from "./module-source.ts";

// Taken now: the global ones are taken away from guests.
const { console, performance, Response } = globalThis;
const print = console.log.bind(console);

async function attend(request: Request): Promise<void> {
  // Says whose line it is: an isolate that is no longer used may still print.
  const isolate = new URL(request.url).pathname.slice(1);
  const post = (message: FromRunner) => print(`${isolate} ${frameFromRunner(message).toString("base64", 4)}`);

  let supplied: (() => void) | undefined;
  const engine = isolateEngine((url) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = supplied;
    supplied = () => {
      before?.();
      resolve();
    };
    postWritten(engine.wrote());
    post({ type: "need", url });
    return promise;
  });

  const parts: Uint8Array[] = [];
  let fault: string | null = null;
  let isAsking = false;
  const send = (message: FromRunner): void => {
    if (isAsking) {
      if (message.type === "part") parts.push(message.bytes);
      else if (message.type === "answer") fault = message.fault;
      return;
    }
    if (message.type === "opened") return;
    if (message.type === "done") postWritten(message.files.wrote);
    post(message);
  };
  const receive = await serve({ factory: engine.factory, now: () => performance.now(), send });
  function postWritten(paths: readonly string[]): void {
    for (const path of paths) {
      parts.length = 0;
      fault = null;
      isAsking = true;
      receive({ type: "ask", operation: "read", path });
      isAsking = false;
      if (fault !== null) post({ type: "wrote", path, content: null, continues: false });
      else postFile(path, Buffer.concat(parts));
    }
  }
  function postFile(path: string, bytes: Uint8Array): void {
    for (let at = 0; at === 0 || at < bytes.byteLength; at += pieceBytes)
      post({ type: "wrote", path, content: bytes.subarray(at, at + pieceBytes), continues: at > 0 });
  }

  const take = (message: ToRunner): void => {
    if (message.type === "module") addCompiled(message);
    else if (message.type === "supplied") {
      const resolve = supplied;
      supplied = undefined;
      resolve?.();
    } else receive(message);
  };

  post({ type: "ready", token: "", previous: null, outOfMemoryKills: null });
  const reader = request.body?.getReader();
  const read = frameReader(maxFrameToRunnerBytes, (body) => take(readToRunner(body)));
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) return;
    read(Buffer.from(chunk.value as Uint8Array));
  }
}

/** Bytes of a file that leave at once, beside its path. */
const pieceBytes = maxFrameBytes / 2;

export default {
  async fetch(request: Request): Promise<Response> {
    await attend(request);
    return new Response();
  },
};
