/**
 * The process that Pyodide runs in: CPython in WebAssembly, with files in memory, and the runner of every Python backend
 * in it. The runner's channel is this process' standard input and output, by way of three devices: no object of JavaScript
 * is handed to a program.
 *
 * Empty `jsglobals` alone do not keep a program inside: functions of `pyodide_js` have JavaScript's `constructor`, and
 * ctypes can call C functions that evaluate JavaScript. So this process is started without code generation from strings
 * and under Node's permission model, it gives up its own globals before the runner starts, and the runner removes the
 * Python modules that hold JavaScript objects.
 */
import { readFileSync, writeSync } from "node:fs";
import { argv, exit } from "node:process";
import { loadInterpreter, workspace } from "./interpreter.ts";
import { boundFiles, freeze } from "./memory-files.ts";
import type { GuestSettings } from "./protocol.ts";
import { standardInput } from "./standard-input.ts";

const settings = JSON.parse(argv[2] ?? "{}") as GuestSettings;
const pageBytes = 65_536;
/** What Python and its runtime use while programs run; every other global goes. */
const keptGlobals = new Set(
  (
    "Object Function Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError Array String " +
    "Number Boolean Symbol BigInt Math JSON Promise Proxy Reflect Map Set WeakMap WeakSet WeakRef FinalizationRegistry " +
    "ArrayBuffer SharedArrayBuffer Atomics DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array " +
    "Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array Date RegExp WebAssembly " +
    "Iterator Intl TextEncoder TextDecoder performance crypto globalThis undefined NaN Infinity parseInt parseFloat isNaN " +
    "isFinite decodeURIComponent encodeURIComponent setTimeout clearTimeout queueMicrotask DOMException"
  ).split(" "),
);

/** Ends this process when WebAssembly asks for more memory than it may have. Returns what sets the limit. */
function guardMemory(): (programBytes: number) => void {
  const { grow } = WebAssembly.Memory.prototype;
  let programBytes: number | undefined;
  let mostBytes: number | undefined;
  WebAssembly.Memory.prototype.grow = function (this: WebAssembly.Memory, pages: number) {
    const nowBytes = this.buffer.byteLength;
    if (programBytes !== undefined) mostBytes ??= nowBytes + programBytes;
    if (mostBytes !== undefined && nowBytes + pages * pageBytes > mostBytes) {
      writeSync(2, "WebAssembly heap out of memory");
      exit(1);
    }
    return grow.call(this, pages);
  };
  return (bytes) => {
    programBytes = bytes;
  };
}

const ignore = () => undefined;
const limitMemory = guardMemory();
const input = standardInput();
const { snapshotFile } = settings;
const { python, copyIn, loadRunner } = await loadInterpreter(
  settings,
  snapshotFile === null ? {} : { _loadSnapshot: readFileSync(snapshotFile) },
);
if (snapshotFile === null) loadRunner();

const { FS: fileSystem } = python;
copyIn(settings.treeFolder, workspace);
for (const { name, path } of settings.data) copyIn(path, `${workspace}/data/${name}`);
boundFiles(fileSystem, settings.memoryBytes);
freeze(fileSystem, `${workspace}/servers`);
if (settings.data.length > 0) freeze(fileSystem, `${workspace}/data`);
fileSystem.chdir(workspace);

python.setStdin({ read: input.read, isatty: false });
python.setStdout({ write: (bytes) => writeAll(bytes), isatty: false });
// Only this is written there: eight bytes with the milliseconds that the runner waits for input.
python.setStderr({ write: (bytes) => input.wait(bytes), isatty: false });
limitMemory(settings.memoryBytes);
if (!settings.exposeJavaScript) {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!keptGlobals.has(name)) Reflect.deleteProperty(globalThis, name);
  }
  // What Pyodide touches at its own end; standard output is the channel.
  Object.assign(globalThis, {
    process: { exitCode: 0 },
    console: { log: ignore, warn: ignore, error: ignore, info: ignore },
  });
}
try {
  python.runPython(`from mcp_runner.wasm import start; start(${settings.exposeJavaScript ? "False" : "True"})`);
} catch (error) {
  // The interpreter broke; Node would print its whole source line.
  const { message, status } = error as { message?: string; status?: number };
  writeSync(2, String(message));
  if (status !== undefined) exit(status);
}
exit(1);

function writeAll(bytes: Uint8Array): number {
  for (let written = 0; written < bytes.byteLength; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      // A full pipe that does not block: the host is still reading.
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      input.pause();
    }
  }
  return bytes.byteLength;
}
