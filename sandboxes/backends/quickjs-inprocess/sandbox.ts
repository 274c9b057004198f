/**
 * QuickJS in WebAssembly on the host's own thread: the same engine without the worker, to show what the thread costs. A
 * guest that computes stops the host until the engine's own check ends it. Nothing backs that check up: a built-in that
 * never calls it stops the host for as long as it runs. So this backend declares less than `quickjs` does.
 */
import type { Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { localThread } from "../../host/engine/local.ts";
import { engineSessions } from "../../host/engine/sessions.ts";
import { engineVersion } from "../quickjs/version.ts";
import { mainStackBytes, quickjsEngine } from "../quickjs/vm.ts";

const id = "quickjs-inprocess";

export const quickjsInprocess: SandboxFactory = (host): Sandbox => {
  const sessions = engineSessions({
    sandbox: id,
    maxIdleThreads: 4,
    isApart: true,
    makeThread: () => localThread(quickjsEngine(mainStackBytes), host.now),
  });
  return {
    id,
    title: "QuickJS in WebAssembly, on the host's own thread",
    isolation: "interpreter",
    control: false,
    languages: ["javascript"],
    enforces: ["memory", "output"],
    bridgeTransport: "calls on the same thread",
    sharesHostLoop: true,
    persists: { files: true, globals: [] },
    version: engineVersion,
    maxSessions: 100,
    emulates: null,
    configuration: { engine: engineVersion, thread: "the host's own", wasi: "none" },
    available: async () => ({ status: "available" }),
    open: sessions.open,
    // It writes no file and starts nothing.
    sweep: async () => undefined,
    dispose: sessions.dispose,
  };
};
