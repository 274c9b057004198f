/**
 * The one machine of an isolate: its realm is the isolate's own. Nothing here can stop a guest that computes; the host ends
 * the process.
 */
import unsafe from "workerd:unsafe-eval";
import { allowedGlobals } from "../../../guest/allowed-globals.ts";
import type { Guest } from "../../../guest/contract.ts";
import type { RealmInvoke } from "../../../guest/realm-contract.ts";
import type { EngineFactory, Machine, MachineHost } from "../../../runner/engine/machine.ts";
import { realmEntry, realmInvoke } from "../../../runner/realm/invoke.ts";
import { relativePath } from "../../../workspace/workspace.ts";
import { isCompiled, resolveImport, workspaceScheme } from "./module-source.ts";

type Import = (specifier: unknown, wanted?: readonly string[]) => Promise<object>;
type ModuleFunction = ($$import: Import, $$export: unknown) => Promise<void>;

/** Rounds of the event loop in which the realm must have loaded its guest code. */
const mostRounds = 1000;
interface Rejection {
  readonly promise: object;
  readonly reason: unknown;
  preventDefault(): void;
}
const { addEventListener, IdentityTransformStream } = globalThis as unknown as {
  addEventListener(type: "unhandledrejection" | "rejectionhandled", listener: (event: Rejection) => void): void;
  IdentityTransformStream: new () => TransformStream<Uint8Array, Uint8Array>;
};

/** Resolves after every promise job: what comes through a stream of workerd's own has been through its event loop. */
function eventLoop(): () => Promise<void> {
  const { readable, writable } = new IdentityTransformStream();
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  const byte = new Uint8Array(1);
  const turn = async () => {
    void writer.write(byte);
    await reader.read();
  };
  let current: Promise<void> | undefined;
  return async () => {
    // A stream takes one reading at a time.
    while (current !== undefined) await current;
    const own = turn();
    current = own;
    await own;
    current = undefined;
  };
}

export interface IsolateEngine {
  readonly factory: EngineFactory;
  /** Paths that the guest has written, relative to the workspace. */
  wrote(): string[];
}

/** `fetchModule` resolves when a module, and what it imports, has been compiled as the workspace is now. */
export function isolateEngine(fetchModule: (url: string) => Promise<void>): IsolateEngine {
  const written = new Set<string>();
  const fetching = new Set<Promise<void>>();
  const loaded = new Set<string>();

  /** A module function whose dynamic imports get what the program wrote meanwhile. */
  const evaluate = (code: string): ModuleFunction => {
    const run = unsafe.eval(code, "guest") as ModuleFunction;
    const url = /\/\/# sourceURL=(.*)$/.exec(code)?.[1] ?? "";
    if (!url.startsWith(workspaceScheme)) return run;
    loaded.add(url);
    return ($$import, $$export) =>
      run(async (specifier, wanted) => {
        if (wanted === undefined) await prepare(url, `${specifier}`);
        return $$import(specifier, wanted);
      }, $$export);
  };
  const prepare = async (importer: string, specifier: string): Promise<void> => {
    let url: string;
    try {
      url = resolveImport(importer, specifier);
    } catch {
      // The import itself says so.
      return;
    }
    if (!url.startsWith(workspaceScheme) || loaded.has(url)) return;
    if (isCompiled(url) && written.size === 0) return;
    const fetched = fetchModule(url);
    fetching.add(fetched);
    await fetched;
    fetching.delete(fetched);
  };

  const factory: EngineFactory = async (host) => {
    // Told at once, also of those that somebody listens to a moment later.
    const lost = new Map<object, unknown>();
    addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      lost.set(event.promise, event.reason);
    });
    addEventListener("rejectionhandled", ({ promise }) => void lost.delete(promise));
    const note = (path: string) => written.add(relativePath(path));
    const noting: MachineHost = {
      ...host,
      writeText(path, text, append) {
        host.writeText(path, text, append);
        note(path);
      },
      writeBytes(path, bytes, append) {
        host.writeBytes(path, bytes, append);
        note(path);
      },
      makeFolder(path, recursive) {
        host.makeFolder(path, recursive);
        note(path);
      },
    };
    const tick = eventLoop();
    const guest = await loadGuest(realmInvoke(noting, ["realm-globals"]), evaluate, tick);
    // Some names are the global object's own, some its prototypes'.
    for (
      let scope: object | null = globalThis;
      scope !== null && scope !== Object.prototype;
      scope = Object.getPrototypeOf(scope)
    ) {
      for (const name of Object.getOwnPropertyNames(scope)) {
        if (!allowedGlobals.has(name)) Reflect.deleteProperty(scope, name);
      }
    }
    const { start, reply, waited, turn, fail } = guest;
    const machine: Machine = {
      start,
      reply,
      waited,
      turn,
      async runJobs() {
        await tick();
        for (const fetched of fetching) {
          await fetched;
          await tick();
        }
      },
      failLost() {
        for (const reason of lost.values()) return fail(reason);
      },
      memoryBytes: () => null,
      release: () => undefined,
    };
    let isGiven = false;
    return {
      isApart: false,
      async make() {
        if (isGiven) throw new Error("an isolate runs one program");
        isGiven = true;
        return machine;
      },
      endOf: (error) => ({ status: "broken", reason: String(error) }),
      isOutOfMemory: () => false,
    };
  };
  return { factory, wrote: () => [...written] };
}

async function loadGuest(invoke: RealmInvoke, evaluate: (code: string) => unknown, tick: () => Promise<void>): Promise<Guest> {
  const scope = globalThis as { __realm?: RealmInvoke; __guest?: Guest; eval: unknown };
  const own = scope.eval;
  scope.__realm = invoke;
  // It takes the global one for what makes modules of text.
  scope.eval = evaluate;
  unsafe.eval(realmEntry(), "guest:realm-entry");
  scope.eval = own;
  for (let round = 0; scope.__guest === undefined && round < mostRounds; round++) await tick();
  const guest = scope.__guest;
  if (guest === undefined) throw new Error("the guest runtime does not start");
  delete scope.__guest;
  return guest;
}
