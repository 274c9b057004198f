/**
 * Plays one program inside a box: in a container, a virtual machine, under a permission model, or in a plain process of
 * the control. The box holds the program; this code only gives it the guest API, which is the same everywhere. It removes
 * names that guests elsewhere do not have from the global object, so that a program that uses one fails with the same
 * text. `process` and `Deno` stay, because the box decides what a process may do.
 *
 * Arguments: the channel (`stdio`, `lines` or a socket's path), then, from a box that starts one runner after another, the exit
 * code of the one before, the file of its stderr, and the token by which the host knows this runner. The working folder is the workspace.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Program } from "../../../contract/index.ts";
import { allowedGlobals } from "../../guest/allowed-globals.ts";
import { type GuestHost, turns } from "../../guest/contract.ts";
import { inputTooLong } from "../../guest/limits.ts";
import { callBatch } from "../../wire/call-batch.ts";
import type { FileRequest, GuestReply, ToRunner } from "../../wire/messages.ts";
import { eachPiece } from "../../wire/output.ts";
import { diskStore } from "../../workspace/disk-store.ts";
import { moduleSource, workspaceScheme } from "../../workspace/module-source.ts";
import { guestFiles } from "../../workspace/workspace.ts";
import { sendFile, sendPaths } from "../answers.ts";
import { runnerStream } from "../stream.ts";
import { guestFetch, proxySocket } from "./fetch.ts";
import { hideHostNames } from "./host-names.ts";
import { vmModules } from "./vm-modules.ts";

/** Stay on the global object: the box decides what a process may do. */
const ofTheProcess = ["process", "Deno"];
/** Bytes of the previous runner's stderr that are reported. */
const keptErrorBytes = 20_000;
/** Where the kernel counts what it ended for memory: control groups version 2, then 1. */
const memoryEvents = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

const { queueMicrotask, setImmediate, setTimeout, clearTimeout } = globalThis;
const neededToStrip = { WebAssembly };
const [, , address = "stdio", previousCode = "", previousErrors = "", token = ""] = process.argv;
const { send, receive, keepAlive } = await runnerStream(address);
const proxy = proxySocket(address, process.env);

let program: Program = { file: "", source: "" };
let javascript: ReadonlyMap<string, string> = new Map();
let inFlight = 0;
const calls = callBatch(send);
const workspace = process.cwd();
hideHostNames();
const store = diskStore(workspace);
const files = guestFiles(store);

const host: GuestHost = {
  write(text) {
    eachPiece(text, (piece) => send({ type: "output", text: piece }));
  },
  call(id, server, tool, inputJson) {
    if (inFlight++ === 0) keepAlive(true);
    if (!calls.add({ id, server, tool, inputJson })) queueMicrotask(() => answer(id, "refused", inputTooLong(server, tool)));
    pumpSoon();
  },
  wait(milliseconds) {
    keepAlive(true);
    send({ type: "wait", milliseconds });
  },
  finish(threw, name, message, stack) {
    calls.flush();
    const end = threw ? ({ status: "threw", thrown: { name, message, stack } } as const) : ({ status: "returned" } as const);
    send({ type: "done", end, files: files.activity() });
  },
  readText: (path) => files.readText(path),
  readBytes: (path) => files.readBytes(path),
  writeText: (path, text, append) => files.write(path, text, append),
  writeBytes: (path, bytes, append) => files.write(path, bytes, append),
  list: (path, recursive) => files.list(path, recursive),
  stat: (path) => files.stat(path),
  makeFolder: (path, recursive) => files.makeFolder(path, recursive),
  importModule: (url) => modules.importModule(url),
};

Object.assign(globalThis, { __guestHost: host });
const { guest } = await import("../../guest/prelude.ts");
const fsPromises = await import("../../guest/fs-promises.ts");
const modules = vmModules((url) => sourceOf(url), fsPromises.default);

// By name: reading a global would load it, and some are large.
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (!allowedGlobals.has(name) && !ofTheProcess.includes(name)) Reflect.deleteProperty(globalThis, name);
}

if (proxy !== undefined) Object.assign(globalThis, { fetch: guestFetch(proxy, pumpSoon) });

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
let isVirtual = false;
let isPumping = false;

/** After what is under way: promise jobs, and what else Node has at hand. */
function pumpSoon(): void {
  if (isPumping) return;
  isPumping = true;
  setImmediate(() => pump(false));
}

/** Does what is due. `quiet`: Node has nothing left to do, so the run may skip time or end. */
function pump(quiet: boolean): void {
  isPumping = false;
  clearTimeout(wake);
  const next = guest.turn(quiet);
  // In virtual time, what is due at the same moment belongs together.
  if (next !== turns.again || !isVirtual) calls.flush();
  if (next === turns.again) pumpSoon();
  else if (next > 0) wake = setTimeout(() => pump(false), next);
}

function makeFolders(path: string): void {
  const folder = dirname(path);
  if (folder !== ".") mkdirSync(join(workspace, folder), { recursive: true });
}

function attend(request: FileRequest): void {
  if (request.operation === "read") sendFile(store.readBytes(request.path), send);
  else if (request.operation === "list") {
    const entries = readdirSync(workspace, { recursive: true, withFileTypes: true });
    const found = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(workspace, join(entry.parentPath, entry.name)));
    sendPaths(found.sort(), send);
  } else {
    // Checked first: folders are made only where the file may be.
    if (!exists(dirname(request.path))) makeFolders(request.path);
    store.write(request.path, request.bytes, false);
  }
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

function answer(id: number, kind: GuestReply["kind"], text: string): void {
  if (--inFlight === 0) keepAlive(false);
  guest.reply(id, kind, text);
  pumpSoon();
}

function attendTo(message: ToRunner): void {
  switch (message.type) {
    case "reply":
      answer(message.id, message.kind, message.text);
      return;
    case "waited":
      keepAlive(inFlight > 0);
      guest.waited();
      pumpSoon();
      return;
    case "run":
      program = message.program;
      javascript = new Map(message.javascript.map(([file, source]) => [workspaceScheme + encodeURI(file), source]));
      isVirtual = message.virtualTime;
      send({ type: "started" });
      keepAlive(false);
      process.on("beforeExit", () => pump(true));
      process.on("exit", () => calls.flush());
      guest.start(program.file, message.virtualTime);
      pumpSoon();
      return;
    case "file":
      makeFolders(message.path);
      if (message.content === null) mkdirSync(join(workspace, message.path), { recursive: true });
      else store.write(message.path, message.content, false);
      return;
    case "restored":
      becomeOwn(message.randomSeed);
      return;
    case "ask": {
      let fault: string | null = null;
      try {
        attend(message);
      } catch (error) {
        fault = (error as Error).message;
      }
      send({ type: "answer", fault });
      return;
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
receive(attendTo);
send({ type: "ready", token, previous: previousEnd(), outOfMemoryKills: outOfMemoryKills() });
