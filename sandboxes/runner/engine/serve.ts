/**
 * Serves sessions beside an engine, one at a time: the workspace lives here, next to the machine and not in it, and
 * every program gets a machine of its own. Where this runs (a worker thread, a child process) is the backend's choice;
 * the host ends that when it does not answer.
 */
import type { LimitName } from "../../../contract/index.ts";
import { type Thrown, turns } from "../../guest/contract.ts";
import { type FromWorker, keptTrees, type Progress, type RunEnd, type ToWorker } from "../../wire/engine-protocol.ts";
import { type OutputBuffer, outputBuffer } from "../../wire/output.ts";
import type { GuestCall } from "../../wire/tool-calls.ts";
import { type MemoryStore, memoryStore } from "../../workspace/memory-store.ts";
import { moduleSource } from "../../workspace/module-source.ts";
import { type GuestFiles, guestFiles } from "../../workspace/workspace.ts";
import { type EngineFactory, type Machine, type MachineHost, Stop } from "./machine.ts";

// Taken now: in a plain worker the guest has the same global object, and its timers go there.
const { setTimeout, clearTimeout } = globalThis;

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
  /** On this side's clock. */
  readonly deadlineMs: number;
  /** Calls that have not been sent to the host. */
  unsent: GuestCall[];
  /** Bytes of the arguments of calls without an answer, by id. */
  readonly inFlight: Map<number, number>;
  inFlightBytes: number;
  callWaves: number;
  /** A limit that was passed where the machine could not be stopped; the next tick does. */
  over: "output" | "memory" | undefined;
  result: RunEnd | undefined;
  virtualWaitMs: number;
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
  send(message: FromWorker): void;
}

/** Of a program that broke the built-ins that its own report is made with. */
const noReport: RunEnd = {
  status: "threw",
  thrown: { name: "Error", message: "The program ended without a report", stack: "" } satisfies Thrown,
};
const exceeded = (limit: LimitName): RunEnd => ({ status: "limit-exceeded", limit });

/** Resolves when the engine is ready, with what takes the host's messages. */
export async function serve({ factory, now, send }: ServeOptions): Promise<(message: ToWorker) => void> {
  const trees = new Map<number, ReadonlyMap<string, string>>();
  let session: Session | undefined;
  let run: Run | undefined;
  let spare: Spare | undefined;

  const current = (): Run => {
    if (run === undefined) throw new Error("a machine called its host outside a run");
    return run;
  };

  const passedLimit = (active: Run) => active.over ?? (now() > active.deadlineMs ? "wallTime" : undefined);

  const host: MachineHost = {
    write(text) {
      const active = current();
      if (!active.output.add(text)) active.over = "output";
      if (engine.isUnstoppable) send({ type: "calls", run: active.id, calls: [], progress: progressOf(active) });
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
    end: (stop) => finish(current(), exceeded(stop.limit)),
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

  const progressOf = (active: Run): Progress => ({
    output: active.output.take(),
    files: active.files.activity(),
    callWaves: active.callWaves,
  });

  const finish = (active: Run, runEnd: RunEnd): void => {
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
    // Also when the run has ended: a call that was issued has left, whatever became of its program.
    if (active.unsent.length > 0) send({ type: "calls", run: active.id, calls: active.unsent, progress: progressOf(active) });
    active.unsent = [];
    if (ended !== undefined) end(active, ended, clean);
  };

  const start = async (message: Extract<ToWorker, { type: "run" }>, owner: Session): Promise<void> => {
    const deadlineMs = now() + message.wallTimeMs;
    const machine = await takeMachine(owner.memoryBytes);
    // Closed meanwhile.
    if (session !== owner) return machine.release(false);
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
      over: undefined,
      result: undefined,
      virtualWaitMs: 0,
      wake: undefined,
    };
    run = active;
    drive(active, () => machine.start(message.program.file, message.virtualTime));
  };

  const reply = (message: Extract<ToWorker, { type: "reply" }>): void => {
    const active = run;
    if (active === undefined || active.id !== message.run) return;
    const { id, ok, json, text } = message.reply;
    active.inFlightBytes -= active.inFlight.get(id) ?? 0;
    active.inFlight.delete(id);
    drive(active, () => active.machine.reply(id, ok, json, text));
  };

  /** A run that is still under way has lost its host. */
  const abandon = () => {
    if (run === undefined) return;
    clearTimeout(run.wake);
    run.machine.release(false);
    run = undefined;
  };

  return (message) => {
    switch (message.type) {
      case "open":
        if (message.files !== null) {
          if (trees.size === keptTrees) trees.clear();
          trees.set(message.tree, message.files);
        }
        session = {
          store: memoryStore(trees.get(message.tree) ?? [], message.memoryBytes, message.data),
          memoryBytes: message.memoryBytes,
        };
        prepareSpare();
        return;
      case "close":
        abandon();
        session = undefined;
        return;
      case "run":
        if (session !== undefined)
          start(message, session).catch((error: Error) =>
            send({
              type: "done",
              run: message.run,
              end: { status: "broken", reason: error.message },
              outputCut: false,
              virtualWaitMs: 0,
              progress: { output: "", files: { read: [], wrote: [] }, callWaves: 0 },
            }),
          );
        return;
      case "reply":
        return reply(message);
      case "readFile":
        return send({ type: "answer", request: message.request, value: session?.store.find(message.path) ?? null });
      case "writeFile":
        session?.store.put(message.path, message.bytes);
        return send({ type: "answer", request: message.request, value: null });
      case "listFiles":
        return send({ type: "answer", request: message.request, value: session?.store.files() ?? [] });
      case "opened": {
        const answer = () => send({ type: "answer", request: message.request, value: null });
        // The first run reports a machine that cannot be made.
        void (spare?.machine ?? Promise.resolve()).then(answer, answer);
        return;
      }
      case "usage":
        return send({ type: "answer", request: message.request, value: run?.machine.memoryBytes() ?? null });
    }
  };
}
