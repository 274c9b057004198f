/**
 * Machines that are V8 isolates, one for every program. The guest gets one function, whose arguments and answers the engine
 * copies. No Reference, handle or object of this side ever enters an isolate.
 */
import type { CachedDataResult, Callback, ExternalCopy, Isolate, Reference, Script } from "isolated-vm";
import { type Guest, turns } from "../../guest/contract.ts";
import { type Engine, type Machine, type MachineHost, Stop } from "../../runner/engine/machine.ts";
import { realmInvoke, wholeRealmEntry } from "../../runner/realm/invoke.ts";
import type { RunEnd } from "../../wire/messages.ts";

/** The engine takes no less. */
const leastMiB = 8;

/** What the engine says when a limit of its own was met. */
const timedOut = "Script execution timed out.";
const overMemory = /due to memory limit$|^Isolate is disposed$|^Array buffer allocation failed$/;

interface Lost {
  readonly reason: unknown;
}

export async function isolateEngine(host: MachineHost): Promise<Engine> {
  const { default: ivm } = await import("isolated-vm");
  const entry = wholeRealmEntry();
  const filename = "guest:realm-entry";
  let cachedData: ExternalCopy<ArrayBuffer> | undefined;

  const make = (memoryBytes: number): Machine => {
    let stopped: Stop | undefined;
    let lost: Lost | undefined;
    const isolate: Isolate = new ivm.Isolate({ memoryLimit: Math.max(leastMiB, Math.floor(memoryBytes / 2 ** 20)) });
    const invoke = realmInvoke(host, ["realm-globals", "prelude", "lost-rejection"], (stop) => {
      stopped = stop;
      // The one end that a guest cannot catch.
      isolate.dispose();
    });
    const context = isolate.createContextSync();
    const callback: Callback = new ivm.Callback(invoke);
    context.global.setSync("__realm", callback);
    const script = isolate.compileScriptSync(entry, cachedData === undefined ? { filename } : { filename, cachedData });
    script.runSync(context);
    if (cachedData === undefined) {
      // Now, when it holds the functions that have run: V8 finds the same script again.
      const known: Script & CachedDataResult = isolate.compileScriptSync(entry, { filename, produceCachedData: true });
      cachedData = known.cachedData;
    }
    const take = (name: string): Reference => {
      const found: Reference = context.global.getSync(name, { reference: true });
      context.global.deleteSync(name);
      return found;
    };
    const guest = take("__guest");
    const [start, reply, waited, turn] = (["start", "reply", "waited", "turn"] satisfies (keyof Guest)[]).map(
      (name): Reference => guest.getSync(name, { reference: true }),
    );
    const reportLost = take("__lost");

    /** Calls the guest. A rejection that nobody listens to comes out of here as an error, after everything was done. */
    const call = (fn: Reference | undefined, args: unknown[]): unknown => {
      try {
        return fn?.applySync(undefined, args, { timeout: Math.max(1, Math.ceil(host.remainingMs())) });
      } catch (error) {
        if (stopped !== undefined) throw stopped;
        if (isolate.isDisposed) throw new Stop("memory");
        if (error instanceof Error && error.message === timedOut) throw new Stop("wallTime");
        lost ??= { reason: error };
        return turns.again;
      }
    };
    return {
      start: (file, virtualTime) => void call(start, [file, virtualTime]),
      reply: (id, kind, plain) => void call(reply, [id, kind, plain]),
      waited: () => void call(waited, []),
      turn: (quiet) => Number(call(turn, [quiet])),
      // Every call runs them before it returns.
      runJobs: () => undefined,
      failLost() {
        if (lost === undefined) return;
        const { reason } = lost;
        lost = undefined;
        if (reason instanceof Error) call(reportLost, [true, reason.message, reason.stack ?? ""]);
        else call(reportLost, [false, reason, ""]);
      },
      memoryBytes() {
        const { total_heap_size, externally_allocated_size } = isolate.getHeapStatisticsSync();
        return total_heap_size + externally_allocated_size;
      },
      release() {
        if (!isolate.isDisposed) isolate.dispose();
      },
    };
  };

  return {
    isApart: true,
    make: async (memoryBytes) => make(memoryBytes),
    endOf: (error): RunEnd => ({ status: "broken", reason: String(error) }),
    isOutOfMemory: ({ name, message }) => name === "RangeError" && overMemory.test(message),
  };
}
