/**
 * Plays one program inside a box: in a container, a virtual machine, under a permission model, or in a plain process of
 * the control. The box holds the program; this code only gives it the guest API, which is the same everywhere. It removes
 * names that guests elsewhere do not have from the global object, so that a program that uses one fails with the same
 * text. `process` and `Deno` stay, because the box decides what a process may do.
 *
 * Arguments: the channel (`stdio`, `lines` or a socket's path), then, from a box that starts one runner after another, the exit
 * code of the one before and the file of its stderr. The working folder is the workspace.
 */
import { Buffer } from "node:buffer";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { dirname, join, relative } from "node:path";
import type { Program } from "../../../contract/index.ts";
import { allowedGlobals } from "../../guest/allowed-globals.ts";
import { type GuestHost, turns } from "../../guest/contract.ts";
import {
  encodeFrame,
  type FileRequest,
  type FromRunner,
  frameReader,
  maxFrameBytes,
  type ToRunner,
} from "../../wire/runner-protocol.ts";
import { diskStore } from "../../workspace/disk-store.ts";
import { filesModule, moduleSource, resolveImport, workspaceScheme } from "../../workspace/module-source.ts";
import { guestFiles } from "../../workspace/workspace.ts";
import { openTransport } from "./transport.ts";
import { vmModules } from "./vm-modules.ts";

/** Stay on the global object: the box decides what a process may do. */
const ofTheProcess = ["process", "Deno"];
/** Bytes of the previous runner's stderr that are reported. */
const keptErrorBytes = 20_000;
/** Where the kernel counts what it ended for memory: control groups version 2, then 1. */
const memoryEvents = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

const { setImmediate, setTimeout, clearTimeout } = globalThis;
const neededToStrip = { WebAssembly };
const [, , address = "stdio", previousCode = "", previousErrors = ""] = process.argv;
const transport = await openTransport(address);
const post = (message: FromRunner) => transport.write(encodeFrame(message));
// The program may not see the channel's address, this code's place, or what the box was started with.
process.argv.splice(1);
for (const name of Object.keys(process.env)) if (name !== "TZ") delete process.env[name];

let program: Program = { file: "", source: "" };
let javascript: ReadonlyMap<string, string> = new Map();
let inFlight = 0;
let callWaves = 0;
const workspace = process.cwd();
const store = diskStore(workspace);
const files = guestFiles(store);

const host: GuestHost = {
  write: (text) => post({ type: "output", text }),
  call(id, server, tool, inputJson) {
    // Quotes and backslashes are escaped once more on the way.
    if (inputJson.length > maxFrameBytes / 3) {
      const text = `The input of ${server}/${tool} is longer than ${Math.floor(maxFrameBytes / 3)} characters`;
      queueMicrotask(() => guest.reply(id, false, undefined, text));
      return;
    }
    if (inFlight++ === 0) {
      callWaves++;
      transport.keepAlive(true);
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

// Only this runtime needs it.
const importModule = "Deno" in globalThis ? (url: string) => modules.importModule(url) : undefined;
Object.assign(globalThis, { __guestHost: importModule === undefined ? host : { ...host, importModule } });
const { guest } = await import("../../guest/prelude.ts");
const fsPromises = await import("../../guest/fs-promises.ts");
const modules = vmModules((url) => sourceOf(url), fsPromises.default);

/** Where the module that programs import as `node:fs/promises` finds its functions, while it is loaded once. */
const handOver = "__guestFiles";
Object.assign(globalThis, { [handOver]: fsPromises });
const filesModuleUrl = "guest:fs-promises";
const filesModuleSource = `const files = globalThis.${handOver};
export const { ${Object.keys(fsPromises.default).join(", ")} } = files.default;
export default files.default;`;

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === filesModuleUrl) return { url: filesModuleUrl, format: "module", shortCircuit: true };
    const importer = context.parentURL ?? "";
    const isProgram = importer.startsWith(workspaceScheme);
    if (!isProgram && !specifier.startsWith(workspaceScheme)) return nextResolve(specifier, context);
    const name = isProgram ? resolveImport(importer, specifier) : specifier;
    return { url: name === filesModule ? filesModuleUrl : name, format: "module", shortCircuit: true };
  },
  load(url, context, nextLoad) {
    if (url === filesModuleUrl) return { format: "module", source: filesModuleSource, shortCircuit: true };
    if (!url.startsWith(workspaceScheme)) return nextLoad(url, context);
    return { format: "module", source: sourceOf(url), shortCircuit: true };
  },
});
await import(filesModuleUrl);

// By name: reading a global would load it, and some are large.
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (!allowedGlobals.has(name) && !ofTheProcess.includes(name)) Reflect.deleteProperty(globalThis, name);
}

/** The JavaScript of a workspace module. What strips types is part of Node, loaded late, and looks for WebAssembly then. */
function sourceOf(url: string): string {
  const known = javascript.get(url);
  if (known !== undefined) return known;
  Object.assign(globalThis, neededToStrip);
  try {
    return moduleSource(url, program, store);
  } finally {
    for (const name of Object.keys(neededToStrip)) Reflect.deleteProperty(globalThis, name);
  }
}

let wake: NodeJS.Timeout | undefined;

/** Does what is due. `quiet`: Node has nothing left to do, so the run may skip time or end. */
function pump(quiet: boolean): void {
  clearTimeout(wake);
  const next = guest.turn(quiet);
  if (next === turns.again) setImmediate(() => pump(false));
  else if (next > 0) wake = setTimeout(() => pump(false), next);
}

function makeFolders(path: string): void {
  const folder = dirname(path);
  if (folder !== ".") mkdirSync(join(workspace, folder), { recursive: true });
}

function attend(request: FileRequest): string {
  if (request.operation === "read") return Buffer.from(store.readBytes(request.path)).toString("base64");
  if (request.operation === "list") {
    const entries = readdirSync(workspace, { recursive: true, withFileTypes: true });
    const found = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(workspace, join(entry.parentPath, entry.name)));
    return JSON.stringify(found.sort());
  }
  // Checked first: folders are made only where the file may be.
  if (!exists(dirname(request.path))) makeFolders(request.path);
  store.write(request.path, Buffer.from(request.base64, "base64"), false);
  return "";
}

function exists(folder: string): boolean {
  try {
    return store.stat(folder === "." ? "" : folder).kind === "directory";
  } catch (error) {
    if ((error as Error).message === "ENOENT") return false;
    throw error;
  }
}

/** V8 seeds Math.random of a realm when it is first used, and takes this flag then. */
function becomeOwn(randomSeed: number): void {
  process.getBuiltinModule("node:v8").setFlagsFromString(`--random-seed=${randomSeed}`);
  Math.random();
  Object.defineProperty(performance, "timeOrigin", { value: Date.now() - performance.now(), configurable: true });
}

function receive(message: ToRunner): void {
  if (message.type === "reply") {
    const { id, ok, json, text } = message.reply;
    if (--inFlight === 0) transport.keepAlive(false);
    guest.reply(id, ok, json, text);
    setImmediate(() => pump(false));
  } else if (message.type === "run") {
    program = message.program;
    javascript = new Map(message.javascript.map(([file, source]) => [workspaceScheme + encodeURI(file), source]));
    post({ type: "started" });
    transport.keepAlive(false);
    process.on("beforeExit", () => pump(true));
    guest.start(program.file, message.virtualTime);
    setImmediate(() => pump(false));
  } else if (message.type === "tree") {
    makeFolders(message.path);
    store.write(message.path, Buffer.from(message.content, message.encoding), false);
  } else if (message.type === "restored") {
    becomeOwn(message.randomSeed);
  } else if (message.type === "end") {
    exit();
  } else {
    try {
      post({ type: "file", fault: null, value: attend(message) });
    } catch (error) {
      post({ type: "file", fault: (error as Error).message, value: "" });
    }
  }
}

function outOfMemoryKills(): number | null {
  for (const file of memoryEvents) {
    try {
      const found = /^oom_kill (\d+)$/m.exec(readFileSync(file, "utf8"))?.[1];
      if (found !== undefined) return Number(found);
    } catch {
      // Another version of control groups, or no control groups.
    }
  }
  return null;
}

function previousEnd() {
  if (previousCode === "") return null;
  let errorText = "";
  try {
    errorText = readFileSync(previousErrors, "utf8").slice(-keptErrorBytes);
  } catch {
    // The program before may have removed it; its exit code is reported all the same.
  }
  return { code: Number(previousCode), errorText };
}

process.on("unhandledRejection", (reason) => guest.fail(reason));
process.on("uncaughtException", (error) => guest.fail(error));
// Without its host there is nobody to report to, and nobody to end it. Taken now: a program may change `process`.
const exit = process.exit.bind(process);
transport.onEnd(() => exit());
const read = frameReader((json) => receive(JSON.parse(json) as ToRunner));
transport.onData((chunk) => void read(chunk));
post({ type: "ready", previous: previousEnd(), outOfMemoryKills: outOfMemoryKills() });
