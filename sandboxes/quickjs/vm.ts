/**
 * One QuickJS virtual machine with the guest runtime in it, restored from a snapshot that is made once a thread. A
 * machine runs one program and is thrown away.
 */
import { readFileSync } from "node:fs";
import { type JSValueHandle, QuickJS, type Snapshot } from "quickjs-wasi";
import type { Guest, GuestHost } from "../guest/contract.ts";
import { guestSource } from "../guest-files.ts";
import { filesModule, resolveImport, workspaceScheme } from "../workspace/module-source.ts";
import { FileFault } from "../workspace/workspace.ts";

const guestScheme = "guest:";

/**
 * Bytes of stack for the guest's own frames. A quarter of the thread's stack would already hold the native frames that
 * this allows, so that runaway recursion is a RangeError inside the guest and not a trap of the engine.
 */
const maxStackSize = 512 * 1024;

/** What a machine calls. A `FileFault` that is thrown reaches the guest as an error with its code, without a host stack. */
export interface MachineHost extends GuestHost {
  /** Source of a workspace module, by URL. */
  load(url: string): string;
  /** Called often while the guest computes; throwing ends the machine, and the guest cannot catch it. */
  tick(): void;
  /** A promise was rejected and nobody listens, or (`handled`) somebody does now. */
  rejected(promise: number, reason: JSValueHandle, handled: boolean): void;
}

export interface Machine extends Guest {
  /** Runs promise jobs until none is left. */
  runJobs(): void;
  failWith(reason: JSValueHandle): void;
  /** Bytes of the machine's whole memory. */
  memoryBytes(): number;
  dispose(): void;
}

type HostFunctions = {
  readonly [name in keyof GuestHost]: (vm: QuickJS, host: GuestHost, args: JSValueHandle[]) => JSValueHandle;
};

/** Text of an argument; never runs guest code. */
const text = (handle: JSValueHandle | undefined) => (handle?.isString === true ? handle.toString() : "");
const number = (handle: JSValueHandle | undefined) => (handle?.isNumber === true ? handle.toNumber() : Number.NaN);
const flag = (handle: JSValueHandle | undefined) => handle?.toBoolean() === true;

const functions: HostFunctions = {
  write: (vm, host, [line]) => {
    host.write(text(line));
    return vm.undefined;
  },
  call: (vm, host, [id, server, tool, input]) => {
    host.call(number(id), text(server), text(tool), text(input));
    return vm.undefined;
  },
  finish: (vm, host, [threw, name, message, stack, virtualWaitMs]) => {
    host.finish(flag(threw), text(name), text(message), text(stack), number(virtualWaitMs));
    return vm.undefined;
  },
  readText: (vm, host, [path]) => vm.newString(host.readText(text(path))),
  readBytes: (vm, host, [path]) => vm.newUint8Array(host.readBytes(text(path))),
  writeText: (vm, host, [path, data, append]) => {
    host.writeText(text(path), text(data), flag(append));
    return vm.undefined;
  },
  writeBytes: (vm, host, [path, data, append]) => {
    host.writeBytes(text(path), data?.toUint8Array() ?? new Uint8Array(), flag(append));
    return vm.undefined;
  },
  list: (vm, host, [path, recursive]) => vm.newString(host.list(text(path), flag(recursive))),
  stat: (vm, host, [path]) => vm.newString(host.stat(text(path))),
  makeFolder: (vm, host, [path, recursive]) => {
    host.makeFolder(text(path), flag(recursive));
    return vm.undefined;
  },
};
const functionNames = Object.keys(functions) as (keyof GuestHost)[];
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
export async function machineFactory(): Promise<(memoryBytes: number, host: MachineHost) => Promise<Machine>> {
  const wasm = await wasmOf("quickjs.wasm");
  const extensions = await Promise.all(
    ["url", "encoding", "structured-clone"].map(async (file) => ({
      name: file.replace("-", "_"),
      wasm: await wasmOf(`${file}.so`),
    })),
  );
  const snapshot = await makeSnapshot(wasm, extensions);

  return async (memoryBytes, host) => {
    const vm = await QuickJS.restore(snapshot, {
      wasm,
      extensions,
      memoryLimit: memoryBytes,
      maxStackSize,
      timezoneOffset: 0,
      moduleLoader: { normalize, load: (url) => host.load(url) },
      interruptHandler: () => {
        host.tick();
        return false;
      },
      onUnhandledRejection: (promise, reason, handled) => host.rejected(promise.identity, reason, handled),
    });
    for (const name of functionNames) {
      vm.registerHostCallback(callbackName(name), (...args) => {
        try {
          return functions[name](vm, host, args);
        } catch (error) {
          // The library copies an error's stack into the guest, and host paths have no business there.
          throw Object.assign(new Error(error instanceof FileFault ? error.message : "EIO"), { stack: "" });
        }
      });
    }
    return machineOf(vm);
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

function machineOf(vm: QuickJS): Machine {
  const driver = vm.global.getProp("__guest");
  const method = (name: keyof Guest) => driver.getProp(name);
  const [start, reply, fail, turn] = [method("start"), method("reply"), method("fail"), method("turn")];
  vm.evalCode("delete globalThis.__guest").dispose();
  const call = (fn: JSValueHandle, ...args: JSValueHandle[]) => {
    const result = vm.callFunction(fn, vm.undefined, ...args);
    for (const arg of args) arg.dispose();
    return result;
  };
  const boolean = (value: boolean) => (value ? vm.true : vm.false);
  return {
    start: (file, virtualTime) => call(start, vm.newString(file), boolean(virtualTime)).dispose(),
    reply: (id, ok, json, plain) =>
      call(
        reply,
        vm.newNumber(id),
        boolean(ok),
        json === undefined ? vm.undefined : vm.newString(json),
        vm.newString(plain),
      ).dispose(),
    fail: (reason) => call(fail, vm.newString(String(reason))).dispose(),
    failWith: (reason) => call(fail, reason).dispose(),
    turn: (quiet) => call(turn, boolean(quiet)).consume((state) => state.toNumber()),
    runJobs: () => void vm.executePendingJobs(),
    memoryBytes: () => vm.getMemoryUsage().mallocSize,
    dispose: () => vm.dispose(),
  };
}
