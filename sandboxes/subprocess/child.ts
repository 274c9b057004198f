/**
 * Carries one program in a plain Node process of its own. The guest API is the same as everywhere; nothing holds the
 * program back, for this backend is a control. Names that guests elsewhere do not have are taken off the global object,
 * so that a program that uses one fails with the same text; `process` stays, because this is not a sandbox.
 */
import { writeSync } from "node:fs";
import { registerHooks } from "node:module";
import type { Program } from "../../bench/types/index.ts";
import { type Guest, type GuestHost, turns } from "../guest/contract.ts";
import { codeUrl } from "../guest-files.ts";
import { diskStore } from "../workspace/disk-store.ts";
import { filesModule, moduleSource, resolveImport, workspaceScheme } from "../workspace/module-source.ts";
import { guestFiles } from "../workspace/workspace.ts";
import type { FromChild, ToChild } from "./protocol.ts";

/** Globals that guests have everywhere: the language's, and the guest API's. */
const guestGlobals = new Set(
  (
    "Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError " +
    "SuppressedError Iterator Array parseInt parseFloat isNaN isFinite decodeURI decodeURIComponent encodeURI " +
    "encodeURIComponent escape unescape Infinity NaN undefined eval Number Boolean String Math Reflect Symbol " +
    "DisposableStack AsyncDisposableStack globalThis BigInt Date RegExp JSON Proxy Map Set WeakMap WeakSet ArrayBuffer " +
    "SharedArrayBuffer Uint8ClampedArray Int8Array Uint8Array Int16Array Uint16Array Int32Array Uint32Array " +
    "BigInt64Array BigUint64Array Float16Array Float32Array Float64Array DataView Promise WeakRef FinalizationRegistry " +
    "DOMException btoa atob performance URL URLSearchParams TextEncoder TextDecoder structuredClone queueMicrotask " +
    "setTimeout clearTimeout setInterval clearInterval console callTool process"
  ).split(" "),
);

const send = process.send?.bind(process) as ((message: FromChild) => boolean) | undefined;
const channel = process.channel;
if (send === undefined || channel === undefined || channel === null) throw new Error("subprocess-child runs as a child process");
const post = send;
const { setImmediate, setTimeout, clearTimeout } = globalThis;

let program: Program = { file: "", source: "" };
let inFlight = 0;
let callWaves = 0;
const store = diskStore(process.cwd());
const files = guestFiles(store);

const host: GuestHost = {
  write(text) {
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(1, bytes, written);
  },
  call(id, server, tool, inputJson) {
    if (inFlight++ === 0) {
      callWaves++;
      channel.ref();
    }
    post({ type: "call", call: { id, server, tool, inputJson }, callWaves });
  },
  finish(threw, name, message, stack, virtualWaitMs) {
    const thrown = threw ? { name, message, stack } : null;
    post({ type: "done", thrown, virtualWaitMs, files: files.activity(), callWaves });
  },
  readText: (path) => files.readText(path),
  readBytes: (path) => files.readBytes(path),
  writeText: (path, text, append) => files.write(path, text, append),
  writeBytes: (path, bytes, append) => files.write(path, bytes, append),
  list: (path, recursive) => files.list(path, recursive),
  stat: (path) => files.stat(path),
  makeFolder: (path, recursive) => files.makeFolder(path, recursive),
};
Object.assign(globalThis, { __guestHost: host });

registerHooks({
  resolve(specifier, context, nextResolve) {
    const importer = context.parentURL ?? "";
    const isProgram = importer.startsWith(workspaceScheme);
    if (!isProgram && !specifier.startsWith(workspaceScheme)) return nextResolve(specifier, context);
    const name = isProgram ? resolveImport(importer, specifier) : specifier;
    return { url: name === filesModule ? codeUrl("guest/fs-promises").href : name, format: "module", shortCircuit: true };
  },
  load(url, context, nextLoad) {
    if (!url.startsWith(workspaceScheme)) return nextLoad(url, context);
    return { format: "module", source: moduleSource(url, program, store), shortCircuit: true };
  },
});

const { guest } = (await import(codeUrl("guest/prelude").href)) as { guest: Guest };

// What is removed here, this process's own code must not need later; stripping types needs WebAssembly once.
moduleSource(`${workspaceScheme}warm.ts`, { file: "warm.ts", source: "" }, store);
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (!guestGlobals.has(name)) Reflect.deleteProperty(globalThis, name);
}

let wake: NodeJS.Timeout | undefined;

/** Does what is due. `quiet`: Node has nothing left to do, so the run may skip time or end. */
function pump(quiet: boolean): void {
  clearTimeout(wake);
  const next = guest.turn(quiet);
  if (next === turns.again) setImmediate(() => pump(false));
  else if (next > 0) wake = setTimeout(() => pump(false), next);
}

process.on("beforeExit", () => pump(true));
// Without its host there is nobody to report to, and nobody to end it.
process.on("disconnect", () => process.exit());
process.on("unhandledRejection", (reason) => guest.fail(reason));
process.on("uncaughtException", (error) => guest.fail(error));
process.on("message", (message: ToChild) => {
  if (message.type === "run") {
    program = message.program;
    post({ type: "started" });
    channel.unref();
    guest.start(program.file, message.virtualTime);
  } else {
    const { id, ok, json, text } = message.reply;
    if (--inFlight === 0) channel.unref();
    guest.reply(id, ok, json, text);
  }
  setImmediate(() => pump(false));
});
