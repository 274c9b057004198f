/**
 * Entry of an isolate: serves one session's one run, from the request's body to the process' output. workerd writes a
 * console line at once, so that what a guest printed before it began to compute for ever has left.
 */
import { Buffer } from "node:buffer";
import { serve } from "../../../runner/engine/serve.ts";
import type { FromWorker } from "../../../wire/engine-protocol.ts";
import type { FromIsolate, ToIsolate, WireFile } from "../wire.ts";
import { encode } from "./encode.ts";
import { isolateEngine } from "./engine.ts";
import { addCompiled } from "./module-source.ts";

// Taken now: the global ones are taken away from guests.
const { console, performance, Response, TextDecoder } = globalThis;
const print = console.log.bind(console);
const { parse } = JSON;

async function attend(request: Request): Promise<void> {
  // Says whose line it is: an isolate that is no longer used may still print.
  const isolate = new URL(request.url).pathname.slice(1);
  const post = (message: FromIsolate) => print(`${isolate} ${encode(message)}`);

  const requests = new Map<number, () => void>();
  let nextRequest = 1;
  const engine = isolateEngine((url) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const id = nextRequest++;
    requests.set(id, resolve);
    post({ type: "compile", request: id, url, written: filesNow(engine.wrote()) });
    return promise;
  });

  let bytesOf: Uint8Array | null = null;
  const send = (message: FromWorker): void => {
    if (message.type === "answer") bytesOf = message.value instanceof Uint8Array ? message.value : null;
    else if (message.type === "done") post({ ...message, written: filesNow(message.progress.files.wrote) });
    else post(message);
  };
  const receive = await serve({ factory: engine.factory, now: () => performance.now(), send });
  function filesNow(paths: readonly string[]): WireFile[] {
    const files: WireFile[] = [];
    for (const path of paths) {
      receive({ type: "readFile", request: 0, path });
      files.push([path, bytesOf === null ? null : Buffer.from(bytesOf).toString("base64")]);
    }
    return files;
  }

  const take = (message: ToIsolate): void => {
    if (message.type === "start") {
      const data = new Map(message.files.map(([path, text]) => [path, text === null ? null : Buffer.from(text, "base64")]));
      addCompiled(message.modules);
      receive({ type: "open", tree: 1, files: new Map(message.tree), data, memoryBytes: message.storeBytes });
      receive(message.run);
    } else if (message.type === "compiled") {
      addCompiled(message.modules);
      requests.get(message.request)?.();
    } else receive(message);
  };

  post({ type: "ready" });
  const reader = request.body?.getReader();
  const decoder = new TextDecoder();
  let begun: string[] = [];
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) return;
    const [first = "", ...rest] = decoder.decode(chunk.value as Uint8Array, { stream: true }).split("\n");
    begun.push(first);
    for (const line of rest) {
      take(parse(begun.join("")) as ToIsolate);
      begun = [line];
    }
  }
}

export default {
  async fetch(request: Request): Promise<Response> {
    await attend(request);
    return new Response();
  },
};
