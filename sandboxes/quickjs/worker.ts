/**
 * The thread that QuickJS runs in. It serves one session at a time: the workspace lives here, beside the virtual
 * machine and not in it, and every program gets a machine of its own. The host ends the thread when it does not answer.
 */
import { parentPort } from "node:worker_threads";
import { JSException, type JSValueHandle } from "quickjs-wasi";
import type { LimitName } from "../../bench/types/index.ts";
import { type Thrown, turns } from "../guest/contract.ts";
import { type OutputBuffer, outputBuffer } from "../session/output.ts";
import type { GuestCall } from "../session/tool-calls.ts";
import { type MemoryStore, memoryStore } from "../workspace/memory-store.ts";
import { moduleSource } from "../workspace/module-source.ts";
import { type GuestFiles, guestFiles } from "../workspace/workspace.ts";
import { type FromWorker, keptTrees, type Progress, type RunEnd, type ToWorker } from "./protocol.ts";
import { type Machine, type MachineHost, machineFactory } from "./vm.ts";

if (parentPort === null) throw new Error("quickjs-worker runs as a worker thread");
const port = parentPort;
const send = (message: FromWorker) => port.postMessage(message);

interface Session {
  readonly store: MemoryStore;
  readonly memoryBytes: number;
}

interface Run {
  readonly id: number;
  readonly machine: Machine;
  readonly program: { readonly file: string; readonly source: string };
  readonly session: Session;
  readonly files: GuestFiles;
  readonly output: OutputBuffer;
  /** On this thread's clock. */
  readonly deadlineMs: number;
  /** Calls that the host has not been sent. */
  unsent: GuestCall[];
  /** Bytes of the arguments of calls without an answer, by id. */
  readonly inFlight: Map<number, number>;
  inFlightBytes: number;
  callWaves: number;
  /** Rejected promises that nobody listens to, by identity. */
  readonly rejections: Map<number, JSValueHandle>;
  /** A limit that was passed where the machine could not be stopped; the next tick does. */
  over: "output" | "memory" | undefined;
  result: RunEnd | undefined;
  virtualWaitMs: number;
  wake: NodeJS.Timeout | undefined;
}

/** Thrown through the engine to end a machine; its guest cannot catch it, and the machine is never used again. */
class Stop extends Error {
  readonly limit: LimitName;
  constructor(limit: LimitName) {
    super(limit);
    this.limit = limit;
  }
}

const trees = new Map<number, ReadonlyMap<string, string>>();
let session: Session | undefined;
let run: Run | undefined;

const current = (): Run => {
  if (run === undefined) throw new Error("a machine called its host outside a run");
  return run;
};

const machineHost: MachineHost = {
  write(text) {
    const active = current();
    if (!active.output.add(text)) active.over = "output";
  },
  call(id, server, tool, inputJson) {
    const active = current();
    if (active.inFlight.size === 0) active.callWaves++;
    active.inFlight.set(id, inputJson.length);
    active.inFlightBytes += inputJson.length;
    // Arguments wait outside the machine, where its own memory limit does not see them.
    if (active.inFlightBytes > active.session.memoryBytes) active.over = "memory";
    active.unsent.push({ id, server, tool, inputJson });
  },
  finish(threw, name, message, stack, virtualWaitMs) {
    const active = current();
    active.virtualWaitMs = virtualWaitMs;
    active.result ??= threw ? { status: "threw", thrown: { name, message, stack } } : { status: "returned" };
  },
  readText: (path) => current().files.readText(path),
  readBytes: (path) => current().files.readBytes(path),
  writeText: (path, text, append) => current().files.write(path, text, append),
  writeBytes: (path, bytes, append) => current().files.write(path, bytes, append),
  list: (path, recursive) => current().files.list(path, recursive),
  stat: (path) => current().files.stat(path),
  makeFolder: (path, recursive) => current().files.makeFolder(path, recursive),
  load(url) {
    const { program, session } = current();
    return moduleSource(url, program, session.store);
  },
  tick() {
    const active = current();
    if (active.over !== undefined) throw new Stop(active.over);
    if (performance.now() > active.deadlineMs) throw new Stop("wallTime");
  },
  rejected(promise, reason, handled) {
    const { rejections } = current();
    if (handled) rejections.delete(promise);
    else rejections.set(promise, reason.dup());
  },
};

const makeMachine = await machineFactory(machineHost);

/** The next program's machine, made ready while nothing else is to be done. */
let spare: Promise<Machine> | undefined;

async function takeMachine(memoryBytes: number): Promise<Machine> {
  const machine = await (spare ?? makeMachine());
  spare = undefined;
  machine.limit(memoryBytes);
  return machine;
}

function prepareSpare(): void {
  spare ??= makeMachine();
  // Whoever takes it sees the error; until then it is nobody's.
  spare.catch(() => undefined);
}

const progressOf = (active: Run): Progress => ({
  output: active.output.take(),
  files: active.files.activity(),
  callWaves: active.callWaves,
});

/** `clean`: the machine came to its program's own end, and was not stopped or broken on the way. */
function end(active: Run, runEnd: RunEnd, clean: boolean): void {
  run = undefined;
  clearTimeout(active.wake);
  send({
    type: "done",
    run: active.id,
    end: runEnd,
    outputCut: active.output.isCut(),
    virtualWaitMs: active.virtualWaitMs,
    progress: progressOf(active),
  });
  active.machine.release(clean);
  prepareSpare();
}

/** How a failure that came out of the engine ends the run. */
function endOf(error: unknown): RunEnd {
  if (error instanceof Stop) return { status: "limit-exceeded", limit: error.limit };
  const { name, message } = error as Error;
  const thrown = (name: string, message: string): RunEnd => ({
    status: "threw",
    thrown: { name, message, stack: "" } satisfies Thrown,
  });
  if (error instanceof JSException) return thrown(name, message);
  // The engine found the thread's stack too small before its own limit: runaway recursion all the same.
  if (error instanceof RangeError) return thrown("RangeError", message);
  const inJob = /^Job execution error: (\w+): (.*)$/s.exec(message);
  if (inJob !== null) return thrown(inJob[1] ?? "Error", inJob[2] ?? "");
  return { status: "broken", reason: `${name}: ${message}` };
}

/** Of a program that broke the built-ins that its own report is made with. */
const noReport: RunEnd = {
  status: "threw",
  thrown: { name: "Error", message: "The program ended without a report", stack: "" },
};

/** Runs what can run. Returns how the run ended, or `undefined` when it waits for the host or for time. */
function advance(active: Run): RunEnd | undefined {
  for (;;) {
    active.machine.runJobs();
    const [lost] = active.rejections.values();
    if (lost !== undefined) active.machine.failWith(lost);
    const next = active.machine.turn(true);
    if (active.over !== undefined) throw new Stop(active.over);
    if (performance.now() > active.deadlineMs) throw new Stop("wallTime");
    if (next === turns.finished) return active.result ?? noReport;
    if (next === turns.again) continue;
    if (next > 0) active.wake = setTimeout(() => drive(active), Math.min(next, active.deadlineMs - performance.now() + 1));
    return undefined;
  }
}

/** Does `step` to the machine, if any, and whatever follows from it. */
function drive(active: Run, step?: () => void): void {
  if (run !== active) return;
  clearTimeout(active.wake);
  let ended: RunEnd | undefined;
  let clean = true;
  try {
    step?.();
    ended = advance(active);
  } catch (error) {
    ended = endOf(error);
    clean = false;
  }
  // Also when the run has ended: a call that was issued has left, whatever became of its program.
  if (active.unsent.length > 0) send({ type: "calls", run: active.id, calls: active.unsent, progress: progressOf(active) });
  active.unsent = [];
  if (ended !== undefined) end(active, ended, clean);
}

async function start(message: Extract<ToWorker, { type: "run" }>, owner: Session): Promise<void> {
  const deadlineMs = performance.now() + message.wallTimeMs;
  const machine = await takeMachine(owner.memoryBytes);
  const active: Run = {
    id: message.run,
    machine,
    program: message.program,
    session: owner,
    files: guestFiles(owner.store),
    output: outputBuffer(message.outputBytes),
    deadlineMs,
    unsent: [],
    inFlight: new Map(),
    inFlightBytes: 0,
    callWaves: 0,
    rejections: new Map(),
    over: undefined,
    result: undefined,
    virtualWaitMs: 0,
    wake: undefined,
  };
  run = active;
  drive(active, () => machine.start(message.program.file, message.virtualTime));
}

function reply(message: Extract<ToWorker, { type: "reply" }>): void {
  const active = run;
  if (active === undefined || active.id !== message.run) return;
  const { id, ok, json, text } = message.reply;
  active.inFlightBytes -= active.inFlight.get(id) ?? 0;
  active.inFlight.delete(id);
  drive(active, () => active.machine.reply(id, ok, json, text));
}

port.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "open":
      if (message.files !== null) {
        if (trees.size === keptTrees) trees.clear();
        trees.set(message.tree, message.files);
      }
      session = {
        store: memoryStore(trees.get(message.tree) ?? [], message.memoryBytes),
        memoryBytes: message.memoryBytes,
      };
      prepareSpare();
      return;
    case "close":
      session = undefined;
      return;
    case "run":
      if (session !== undefined) void start(message, session);
      return;
    case "reply":
      reply(message);
      return;
    case "readFile":
      return send({ type: "answer", request: message.request, value: session?.store.find(message.path) ?? null });
    case "writeFile":
      session?.store.put(message.path, message.bytes);
      return send({ type: "answer", request: message.request, value: null });
    case "listFiles":
      return send({ type: "answer", request: message.request, value: session?.store.files() ?? [] });
    case "usage":
      return send({ type: "answer", request: message.request, value: run?.machine.memoryBytes() ?? null });
  }
});
send({ type: "ready" });
