/**
 * Serves sessions beside an engine, one at a time: the workspace lives here, next to the machine and not in it, and
 * every program gets a machine of its own. Where this runs (a worker thread, a child process) is the backend's choice;
 * the host ends that when it does not answer.
 */
import type { LimitName } from "../../../contract/index.ts";
import { type Thrown, turns } from "../../guest/contract.ts";
import { inputTooLong, maxNameLength } from "../../guest/limits.ts";
import { type CallBatch, callBatch } from "../../wire/call-batch.ts";
import { type FromRunner, keptTrees, type RunEnd, type ToRunner } from "../../wire/messages.ts";
import { eachPiece, type OutputBuffer, outputBuffer } from "../../wire/output.ts";
import { type MemoryStore, memoryStore } from "../../workspace/memory-store.ts";
import { moduleSource } from "../../workspace/module-source.ts";
import { type GuestFiles, guestFiles } from "../../workspace/workspace.ts";
import { sendFile, sendPaths } from "../answers.ts";
import { type EngineFactory, type Machine, type MachineHost, Stop } from "./machine.ts";

// Taken now: in a plain worker the guest has the same global object, and its timers go there.
const { setTimeout, clearTimeout } = globalThis;

interface Session {
  readonly store: MemoryStore;
  readonly memoryBytes: number;
}

interface Run {
  readonly machine: Machine;
  readonly program: { readonly file: string; readonly source: string };
  readonly session: Session;
  readonly files: GuestFiles;
  readonly output: OutputBuffer;
  /** On this side's clock. */
  readonly deadlineMs: number;
  readonly calls: CallBatch;
  /** Length of the inputs of calls that the program has made since it last yielded. */
  unyielded: number;
  /** A limit that was passed where the machine could not be stopped; the next tick does. */
  over: "output" | "memory" | undefined;
  result: RunEnd | undefined;
  wake: NodeJS.Timeout | undefined;
}

/** A machine made ready while nothing else is to be done. */
interface Spare {
  readonly memoryBytes: number;
  readonly machine: Promise<Machine>;
}

export interface ServeOptions {
  readonly factory: EngineFactory;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  send(message: FromRunner): void;
}

/** Of a program that broke the built-ins that its own report is made with. */
const noReport: RunEnd = {
  status: "threw",
  thrown: { name: "Error", message: "The program ended without a report", stack: "" } satisfies Thrown,
};
const exceeded = (limit: LimitName): RunEnd => ({ status: "limit-exceeded", limit });

/** Resolves when the engine is ready, with what takes the host's messages. */
export async function serve({ factory, now, send }: ServeOptions): Promise<(message: ToRunner) => void> {
  const trees = new Map<number, ReadonlyMap<string, string>>();
  /** What came since the last session was opened. */
  let texts = new Map<string, string>();
  let data = new Map<string, Uint8Array | null>();
  let session: Session | undefined;
  let run: Run | undefined;
  let spare: Spare | undefined;

  const current = (): Run => {
    if (run === undefined) throw new Error("a machine called its host outside a run");
    return run;
  };

  /** Only the host can end a guest that shares this side's engine, and it keeps every limit itself. */
  const passedLimit = (active: Run) =>
    engine.isApart ? (active.over ?? (now() > active.deadlineMs ? "wallTime" : undefined)) : undefined;

  const host: MachineHost = {
    write(text) {
      const active = current();
      if (!active.output.add(text)) active.over = "output";
      if (!engine.isApart) sendOutput(active);
    },
    call(id, server, tool, inputJson) {
      const active = current();
      // Inputs wait outside the machine, where its own memory limit does not see them.
      active.unyielded += inputJson.length;
      if (active.unyielded > active.session.memoryBytes) active.over = "memory";
      // The guest's own code refuses such names before they come here.
      if (server.length > maxNameLength || tool.length > maxNameLength) active.result ??= noReport;
      else if (!active.calls.add({ id, server, tool, inputJson }))
        queueMicrotask(() => drive(active, () => active.machine.reply(id, "refused", inputTooLong(server, tool))));
    },
    wait: (milliseconds) => send({ type: "wait", milliseconds }),
    finish(threw, name, message, stack) {
      const active = current();
      const thrown = { name, message, stack };
      active.result ??= threw ? limitOf({ status: "threw", thrown }) : { status: "returned" };
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
      const limit = passedLimit(current());
      if (limit !== undefined) throw new Stop(limit);
    },
    remainingMs: () => (run === undefined ? 0 : run.deadlineMs - now()),
  };
  const engine = await factory(host);
  /** An error that says that the memory limit was met is that limit's, wherever it came out of the machine. */
  const limitOf = (end: RunEnd): RunEnd =>
    end.status === "threw" && engine.isOutOfMemory(end.thrown) ? exceeded("memory") : end;

  const takeMachine = async (memoryBytes: number): Promise<Machine> => {
    const ready = spare;
    spare = undefined;
    if (ready?.memoryBytes === memoryBytes) return ready.machine;
    // Of a session with another limit.
    void ready?.machine.then((machine) => machine.release(false));
    return engine.make(memoryBytes);
  };
  const prepareSpare = (): void => {
    if (session === undefined || spare?.memoryBytes === session.memoryBytes) return;
    void spare?.machine.then((machine) => machine.release(false));
    spare = { memoryBytes: session.memoryBytes, machine: engine.make(session.memoryBytes) };
    // Whoever takes it sees the error; until then it is nobody's.
    spare.machine.catch(() => undefined);
  };

  const sendOutput = (active: Run): void => {
    eachPiece(active.output.take(), (text) => send({ type: "output", text }));
  };

  const finish = (active: Run, runEnd: RunEnd): void => {
    run = undefined;
    clearTimeout(active.wake);
    sendOutput(active);
    send({ type: "done", end: runEnd, files: active.files.activity() });
  };

  /** `clean`: the machine came to its program's own end, and was not stopped or broken on the way. */
  const end = (active: Run, runEnd: RunEnd, clean: boolean): void => {
    finish(active, runEnd);
    active.machine.release(clean);
    prepareSpare();
  };

  /** Runs what can run. Returns how the run ended, or `undefined` when it waits for the host, for time or for jobs. */
  const advance = (active: Run, jobsDone: boolean): RunEnd | undefined => {
    let settled = jobsDone;
    for (;;) {
      const jobs = settled ? undefined : active.machine.runJobs();
      settled = false;
      if (jobs !== undefined) {
        void jobs.then(() => drive(active, undefined, true));
        return undefined;
      }
      active.machine.failLost();
      const next = active.machine.turn(true);
      const limit = passedLimit(active);
      if (limit !== undefined) throw new Stop(limit);
      if (next === turns.finished) return active.result ?? noReport;
      if (next === turns.again) continue;
      sendOutput(active);
      active.calls.flush();
      active.unyielded = 0;
      if (next > 0) active.wake = setTimeout(() => drive(active), Math.min(next, active.deadlineMs - now() + 1));
      return undefined;
    }
  };

  /** Does `step` to the machine, if any, and whatever follows from it. */
  const drive = (active: Run, step?: () => void, jobsDone = false): void => {
    if (run !== active) return;
    clearTimeout(active.wake);
    let ended: RunEnd | undefined;
    let clean = true;
    try {
      // Rejections from before the host's answer come before what the answer sets off.
      active.machine.failLost();
      step?.();
      ended = advance(active, jobsDone);
    } catch (error) {
      // What a machine makes of a stop that was thrown through it may be an error of its own.
      const limit = error instanceof Stop ? error.limit : passedLimit(active);
      ended = limit === undefined ? limitOf(engine.endOf(error)) : exceeded(limit);
      clean = false;
    }
    sendOutput(active);
    if (ended === undefined) return;
    // A call that was issued leaves, whatever became of its program.
    active.calls.flush();
    end(active, ended, clean);
  };

  const start = async (message: Extract<ToRunner, { type: "run" }>, owner: Session): Promise<void> => {
    const deadlineMs = now() + message.wallTimeMs;
    const machine = await takeMachine(owner.memoryBytes);
    // Closed meanwhile.
    if (session !== owner) return machine.release(false);
    const active: Run = {
      machine,
      program: message.program,
      session: owner,
      files: guestFiles(owner.store),
      // The host has to see that something was cut: four bytes more than it keeps are at least one after a cut.
      output: outputBuffer(engine.isApart ? message.outputBytes + 4 : Number.POSITIVE_INFINITY),
      deadlineMs,
      calls: callBatch(send),
      unyielded: 0,
      over: undefined,
      result: undefined,
      wake: undefined,
    };
    run = active;
    send({ type: "started" });
    drive(active, () => machine.start(message.program.file, message.virtualTime));
  };

  /** A run that is still under way has lost its host. */
  const abandon = () => {
    if (run === undefined) return;
    clearTimeout(run.wake);
    run.machine.release(false);
    run = undefined;
  };

  /** A file that the host asks for or sends, as `host/runner` answers it for a disk. */
  const attend = (request: Extract<ToRunner, { type: "ask" }>): void => {
    let fault: string | null = null;
    if (request.operation === "list") sendPaths(session?.store.files() ?? [], send);
    else if (request.operation === "write") session?.store.put(request.path, request.bytes);
    else {
      const bytes = session?.store.find(request.path);
      if (bytes === undefined) fault = "ENOENT";
      else sendFile(bytes, send);
    }
    send({ type: "answer", fault });
  };

  const open = ({ tree, isKnown, memoryBytes }: Extract<ToRunner, { type: "open" }>): void => {
    abandon();
    if (!isKnown) {
      if (trees.size === keptTrees) trees.clear();
      trees.set(tree, texts);
    }
    session = { store: memoryStore(trees.get(tree) ?? [], memoryBytes, data), memoryBytes };
    texts = new Map();
    data = new Map();
    prepareSpare();
    const opened = () => send({ type: "opened" });
    // The first run reports a machine that cannot be made.
    void (spare?.machine ?? Promise.resolve()).then(opened, opened);
  };

  return (message) => {
    const active = run;
    switch (message.type) {
      case "file":
        if (typeof message.content === "string") texts.set(message.path, message.content);
        else data.set(message.path, message.content);
        return;
      case "open":
        return open(message);
      case "close":
        abandon();
        session = undefined;
        return;
      case "run":
        if (session === undefined) return;
        start(message, session).catch((error: Error) =>
          send({ type: "done", end: { status: "broken", reason: error.message }, files: { read: [], wrote: [] } }),
        );
        return;
      case "reply":
        if (active !== undefined) drive(active, () => active.machine.reply(message.id, message.kind, message.text));
        return;
      case "waited":
        if (active !== undefined) drive(active, () => active.machine.waited());
        return;
      case "ask":
        return attend(message);
      case "measure":
        return send({ type: "usage", residentBytes: active?.machine.memoryBytes() ?? null });
    }
  };
}
