/** The thread of a control: which kind of realm its guest gets is the host's choice. */
import { createRequire } from "node:module";
import vm from "node:vm";
import { workerData } from "node:worker_threads";
import type { Guest } from "../../guest/contract.ts";
import { serveThread } from "../engine/serve-thread.ts";
import { realmEntry } from "./invoke.ts";
import { nodeEngine, type OpenRealm } from "./node-engine.ts";

const filename = "guest:realm-entry";
const entry = realmEntry();

interface RealmScope {
  __realm?: unknown;
  __guest?: Guest;
  callTool?: unknown;
}

function takeGuest(scope: RealmScope): Guest | undefined {
  const guest = scope.__guest;
  if (guest !== undefined) Reflect.deleteProperty(scope, "__guest");
  return guest;
}

/** As it is mostly used: an object of the host's becomes the global object, and a function of the host's is on it. */
const nodeVm: OpenRealm = (invoke) => {
  const scope: RealmScope = { __realm: invoke };
  vm.createContext(scope);
  vm.runInContext(entry, scope, { filename });
  return () => {
    const guest = scope.__guest;
    vm.runInContext("delete globalThis.__guest", scope);
    const own = scope.callTool as ((...args: unknown[]) => unknown) | undefined;
    if (guest !== undefined)
      scope.callTool = function callTool(...args: unknown[]) {
        return own?.(...args);
      };
    return guest;
  };
};

const vm2: OpenRealm = (invoke) => {
  const { VM } = createRequire(import.meta.url)("vm2") as typeof import("vm2");
  const machine = new VM({ eval: true, wasm: false, sandbox: { __realm: invoke } });
  machine.run(entry, filename);
  return () => takeGuest(machine.sandbox as RealmScope);
};

/** The thread's own realm, with everything that Node puts there. */
const plain: OpenRealm = (invoke) => {
  const scope = globalThis as RealmScope;
  scope.__realm = invoke;
  vm.runInThisContext(entry, { filename });
  return () => takeGuest(scope);
};

const realms: Readonly<Record<string, OpenRealm>> = { "node-vm": nodeVm, vm2, "worker-threads": plain };

const openRealm = realms[String(workerData)];
if (openRealm === undefined) throw new Error(`no realm ${String(workerData)}`);
await serveThread(nodeEngine(openRealm, openRealm === plain ? [] : ["realm-globals"]));
