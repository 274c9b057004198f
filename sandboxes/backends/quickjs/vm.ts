/**
 * QuickJS virtual machines with the guest runtime in them. Every program gets a machine in its first state, byte for
 * byte: a WebAssembly instance keeps all of its state in its memory and its stack pointer, and both are put back after a
 * program that ended well. A new instance for each program would take four times as long, most of it garbage
 * collection. After a limit or a failure of the engine the instance is thrown away.
 */
import { readFileSync } from "node:fs";
import { JSException, type JSValueHandle, QuickJS, type Snapshot } from "quickjs-wasi";
import type { Guest, GuestHost } from "../../guest/contract.ts";
import { guestSource } from "../../guest-files.ts";
import { type Engine, type EngineFactory, type Machine, type MachineHost, Stop } from "../../runner/engine/machine.ts";
import type { RunEnd } from "../../wire/messages.ts";
import { filesModule, resolveImport, workspaceScheme } from "../../workspace/module-source.ts";
import { FileFault } from "../../workspace/workspace.ts";

const guestScheme = "guest:";

/**
 * Bytes of stack for the guest's own frames, in a worker thread. A quarter of that thread's stack would already hold the
 * native frames that this allows, so that runaway recursion is a RangeError inside the guest and not a trap of the engine.
 */
export const threadStackBytes = 512 * 1024;
/** The same on a main thread, whose stack is 1 MB. */
export const mainStackBytes = 64 * 1024;

/**
 * Programs that one instance serves. The library may keep handles of its own for each, which only end with the instance.
 */
const maxProgramsPerInstance = 500;
/** Instances kept for the next programs: one in use, one spare. */
const maxIdleInstances = 2;

/** The engine imports programs itself. */
type FunctionName = Exclude<keyof GuestHost, "importModule">;
type HostFunctions = {
  readonly [name in FunctionName]: (vm: QuickJS, host: GuestHost, args: JSValueHandle[]) => JSValueHandle;
};

/** Text of an argument; never runs guest code. */
const text = (handle: JSValueHandle | undefined) => (handle?.isString === true ? handle.toString() : "");
const number = (handle: JSValueHandle | undefined) => (handle?.isNumber === true ? handle.toNumber() : Number.NaN);
const flag = (handle: JSValueHandle | undefined) => handle?.toBoolean() === true;

/** Where the engine has no memory for a new value, the library gives the mark of an exception as if it were one. */
function made(vm: QuickJS, value: JSValueHandle): JSValueHandle {
  if (vm._getExports().qjs_is_exception(value.ptr) !== 0) throw new Stop("memory");
  return value;
}
const newString = (vm: QuickJS, value: string) => made(vm, vm.newString(value));

const functions: HostFunctions = {
  write: (vm, host, [line]) => {
    host.write(text(line));
    return vm.undefined;
  },
  call: (vm, host, [id, server, tool, input]) => {
    host.call(number(id), text(server), text(tool), text(input));
    return vm.undefined;
  },
  wait: (vm, host, [milliseconds]) => {
    host.wait(number(milliseconds));
    return vm.undefined;
  },
  finish: (vm, host, [threw, name, message, stack]) => {
    host.finish(flag(threw), text(name), text(message), text(stack));
    return vm.undefined;
  },
  readText: (vm, host, [path]) => newString(vm, host.readText(text(path))),
  readBytes: (vm, host, [path]) => made(vm, vm.newUint8Array(host.readBytes(text(path)))),
  writeText: (vm, host, [path, data, append]) => {
    host.writeText(text(path), text(data), flag(append));
    return vm.undefined;
  },
  writeBytes: (vm, host, [path, data, append]) => {
    host.writeBytes(text(path), data?.toUint8Array() ?? new Uint8Array(), flag(append));
    return vm.undefined;
  },
  list: (vm, host, [path, recursive]) => newString(vm, host.list(text(path), flag(recursive))),
  stat: (vm, host, [path]) => newString(vm, host.stat(text(path))),
  makeFolder: (vm, host, [path, recursive]) => {
    host.makeFolder(text(path), flag(recursive));
    return vm.undefined;
  },
};
const functionNames = Object.keys(functions) as FunctionName[];
const callbackName = (name: string) => `guestHost.${name}`;

const wasmOf = (file: string) => WebAssembly.compile(readFileSync(new URL(import.meta.resolve(`quickjs-wasi/${file}`))));

function normalize(importer: string, specifier: string): string {
  const isGuestCode = importer.startsWith(guestScheme) || importer === filesModule;
  if (!isGuestCode) return resolveImport(importer, specifier);
  if (specifier.startsWith(workspaceScheme)) return specifier;
  const name = specifier.replace(/^\.\//, "").replace(/\.[jt]s$/, "");
  return name === "fs-promises" ? filesModule : guestScheme + name;
}

const loadGuest = (url: string) => guestSource(url === filesModule ? "fs-promises" : url.slice(guestScheme.length));

/** Compiles the engine and makes the snapshot: tens of milliseconds, once a thread. */
export const quickjsEngine =
  (maxStackSize: number): EngineFactory =>
  (host) =>
    engineOf(host, maxStackSize);

async function engineOf(host: MachineHost, maxStackSize: number): Promise<Engine> {
  const wasm = await wasmOf("quickjs.wasm");
  const extensions = await Promise.all(
    ["url", "encoding", "structured-clone"].map(async (file) => ({
      name: file.replace("-", "_"),
      wasm: await wasmOf(`${file}.so`),
    })),
  );
  const snapshot = await makeSnapshot(wasm, extensions);
  const idle: Instance[] = [];

  const instance = async (): Promise<Instance> => {
    const rejections: Rejections = new Map();
    const state: MachineState = { stop: undefined };
    const vm = await QuickJS.restore(snapshot, {
      wasm,
      extensions,
      maxStackSize,
      timezoneOffset: 0,
      moduleLoader: { normalize, load: (url) => host.load(url) },
      interruptHandler: () => {
        if (state.stop !== undefined) throw state.stop;
        host.tick();
        return false;
      },
      onUnhandledRejection(promise, reason, handled) {
        if (handled) rejections.delete(promise.identity);
        else rejections.set(promise.identity, reason.dup());
      },
    });
    for (const name of functionNames) {
      vm.registerHostCallback(callbackName(name), (...args) => {
        try {
          const result = functions[name](vm, host, args);
          // The engine calls back only after thousands of instructions, in which a program may print or send gigabytes.
          if (name === "write" || name === "call") host.tick();
          return result;
        } catch (error) {
          // The library turns everything that is thrown here into an error of the guest. The next look at the machine ends it.
          if (error instanceof Stop) state.stop = error;
          // The library copies an error's stack into the guest, where no host path may appear.
          throw Object.assign(new Error(error instanceof FileFault ? error.message : "EIO"), { stack: "" });
        }
      });
    }
    return instanceOf(vm, rejections, state);
  };

  return {
    isApart: true,
    async make(memoryBytes) {
      const used = idle.pop() ?? (await instance());
      used.limit(memoryBytes);
      return {
        ...used.machine,
        release(clean) {
          if (clean && idle.length < maxIdleInstances && used.rewind()) idle.push(used);
          else used.dispose();
        },
      };
    },
    endOf,
    isOutOfMemory: ({ name, message }) => outOfMemory.test(`${name}: ${message}`),
  };
}

/** What the engine says when an allocation failed: anywhere, in a regular expression, in code that it was compiling. */
const outOfMemory = /^(?:InternalError: out of memory|SyntaxError: out of memory$|InternalError: bytecode buffer overflow)/;

function endOf(error: unknown): RunEnd {
  const { name, message } = error as Error;
  const thrown = (name: string, message: string): RunEnd => ({ status: "threw", thrown: { name, message, stack: "" } });
  if (error instanceof JSException) return thrown(name, message);
  // The thread's stack ended before the engine's own limit: still runaway recursion.
  if (error instanceof RangeError) return thrown("RangeError", message);
  const inJob = /^Job execution error: (\w+): (.*)$/s.exec(message);
  if (inJob !== null) return thrown(inJob[1] ?? "Error", inJob[2] ?? "");
  return { status: "broken", reason: `${name}: ${message}` };
}

/** Rejected promises that nobody listens to, by identity. */
type Rejections = Map<number, JSValueHandle>;

/** `stop`: a callback found that the machine must end, and could not end it from where it was called. */
interface MachineState {
  stop: Stop | undefined;
}

/** A WebAssembly instance and its first state. */
interface Instance {
  readonly machine: Omit<Machine, "release">;
  /** Sets the memory limit, in bytes. Before the program starts. */
  limit(memoryBytes: number): void;
  /** Puts the first state back. `false`: it cannot, and the instance must be thrown away. */
  rewind(): boolean;
  dispose(): void;
}

function instanceOf(vm: QuickJS, rejections: Rejections, state: MachineState): Instance {
  const machine = machineOf(vm, rejections, state);
  // The library remembers where these values stand: they have to be there before the first state is taken.
  void [vm.global, vm.undefined, vm.null, vm.true, vm.false];
  const first = vm.snapshot();
  let programs = 0;
  return {
    machine,
    limit: (memoryBytes) => vm._getExports().qjs_set_memory_limit(memoryBytes),
    rewind() {
      rejections.clear();
      const memory = vm._getMemory().buffer;
      // WebAssembly memory never shrinks, so a program that made it grow has used its instance up.
      if (++programs >= maxProgramsPerInstance || memory.byteLength !== first.memory.byteLength) return false;
      new Uint8Array(memory).set(first.memory);
      vm._getExports().__stack_pointer.value = first.stackPointer;
      return true;
    },
    dispose: () => vm.dispose(),
  };
}

async function makeSnapshot(
  wasm: WebAssembly.Module,
  extensions: { name: string; wasm: WebAssembly.Module }[],
): Promise<Snapshot> {
  using vm = await QuickJS.create({ wasm, extensions, moduleLoader: { normalize, load: loadGuest } });
  using hostObject = vm.newObject();
  for (const name of functionNames) {
    using callback = vm.newFunction(callbackName(name), () => vm.undefined);
    hostObject.setProp(name, callback);
  }
  vm.global.setProp("__guestHost", hostObject);
  using evaluation = vm.evalCode('import "./quickjs-entry.ts";', `${guestScheme}start`, 1);
  vm.executePendingJobs();
  const settled = await vm.resolvePromise(evaluation);
  if ("error" in settled)
    throw new Error(`The guest runtime does not start: ${settled.error.consume((e) => String(vm.dump(e)))}`);
  settled.value.dispose();
  return vm.snapshot();
}

type Handles = [JSValueHandle, JSValueHandle, JSValueHandle, JSValueHandle, JSValueHandle];

function machineOf(vm: QuickJS, rejections: Rejections, state: MachineState): Instance["machine"] {
  const driver = vm.global.getProp("__guest");
  const method = (name: keyof Guest) => driver.getProp(name);
  const [start, reply, waited, fail, turn] = (["start", "reply", "waited", "fail", "turn"] as const).map(method) as Handles;
  vm.evalCode("delete globalThis.__guest").dispose();
  const call = (fn: JSValueHandle, ...args: JSValueHandle[]) => {
    const result = vm.callFunction(fn, vm.undefined, ...args);
    for (const arg of args) arg.dispose();
    return result;
  };
  const boolean = (value: boolean) => (value ? vm.true : vm.false);
  return {
    start: (file, virtualTime) => call(start, newString(vm, file), boolean(virtualTime)).dispose(),
    reply: (id, kind, plain) => call(reply, vm.newNumber(id), newString(vm, kind), newString(vm, plain)).dispose(),
    waited: () => call(waited).dispose(),
    failLost() {
      const [lost] = rejections.values();
      if (lost !== undefined) call(fail, lost).dispose();
    },
    turn(quiet) {
      const next = call(turn, boolean(quiet)).consume((value) => value.toNumber());
      if (state.stop !== undefined) throw state.stop;
      return next;
    },
    runJobs() {
      vm.executePendingJobs();
      return undefined;
    },
    memoryBytes: () => vm.getMemoryUsage().mallocSize,
  };
}
