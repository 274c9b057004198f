/**
 * QuickJS in WebAssembly, in a worker thread: the embedded default. The guest has an interpreter of its own and no
 * system at all, and a thread of its own, so that it can stop neither the host's deadlines nor Ctrl-C.
 */
import type { Sandbox, SandboxFactory } from "../../../contract/index.ts";
import { engineSessions } from "../../host/engine/sessions.ts";
import { workerThread } from "../../host/engine/worker-thread.ts";
import { engineVersion } from "./version.ts";

const id = "quickjs";

const resourceLimits = {
  /** Stack of the thread, in MB: more than QuickJS' own limit can use, so that its limit is the one that bites. */
  stackSizeMb: 32,
  /** Heap of the thread's own JavaScript (workspace, messages), in MB; the virtual machines' memory is not in it. */
  maxOldGenerationSizeMb: 512,
  /** Small, so that finished machines are collected soon: half the resident memory, for a few percent of time. */
  maxYoungGenerationSizeMb: 8,
};

export const quickjs: SandboxFactory = (): Sandbox => {
  const sessions = engineSessions({
    sandbox: id,
    maxIdleThreads: 4,
    isApart: true,
    makeThread: () => workerThread({ name: id, code: "backends/quickjs/worker", resourceLimits }),
  });
  return {
    id,
    title: "QuickJS in WebAssembly, in a worker thread",
    isolation: "interpreter",
    control: false,
    languages: ["javascript"],
    enforces: ["wallTime", "memory", "output"],
    bridgeTransport: "worker thread messages",
    persists: { files: true, globals: [] },
    version: engineVersion,
    maxSessions: 100,
    emulates: null,
    configuration: { engine: engineVersion, thread: "one worker thread a session", wasi: "none" },
    available: async () => ({ status: "available" }),
    open: sessions.open,
    // Its threads end with their process, and it writes no file.
    sweep: async () => undefined,
    dispose: sessions.dispose,
  };
};
