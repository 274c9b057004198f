/**
 * QuickJS in WebAssembly, in a worker thread: the embedded default. The guest has an interpreter of its own and no
 * system at all, and a thread of its own, so that it can stop neither the host's deadlines nor Ctrl-C.
 */
import { readFileSync } from "node:fs";
import { BenchError, type Sandbox, type SandboxFactory, type Session } from "../bench/types/index.ts";
import { quickjsSession, unavailable } from "./quickjs/session.ts";
import { type QuickjsThread, quickjsThread } from "./quickjs/thread.ts";

/** Idle threads kept for the next session; more would only hold memory. */
const maxIdleThreads = 4;

const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve("quickjs-wasi/package.json")), "utf8")) as {
  version: string;
};

export const quickjs: SandboxFactory = (): Sandbox => {
  const idle: QuickjsThread[] = [];
  const sessions = new Set<Session>();

  const release = async (thread: QuickjsThread, reusable: boolean) => {
    thread.assign(undefined);
    if (reusable && idle.length < maxIdleThreads) {
      thread.post({ type: "close" });
      idle.push(thread);
    } else await thread.stop();
  };

  return {
    id: "quickjs",
    title: "QuickJS in WebAssembly, in a worker thread",
    isolation: "interpreter",
    control: false,
    languages: ["javascript"],
    enforces: ["wallTime", "memory", "output"],
    bridgeTransport: "worker thread messages",
    persists: { files: true, globals: false },
    version: `quickjs-wasi ${version}`,
    maxSessions: 100,
    emulates: null,
    configuration: { engine: `quickjs-wasi ${version}`, thread: "one worker thread a session", wasi: "none" },
    available: async () => ({ status: "available" }),
    async open(options) {
      if (options.signal?.aborted === true) throw new BenchError("ABORTED");
      let thread = idle.pop();
      while (thread !== undefined && thread.death() !== undefined) thread = idle.pop();
      thread ??= quickjsThread();
      const used = thread;
      const session = quickjsSession(used, options, (reusable) => {
        sessions.delete(session);
        return release(used, reusable);
      });
      sessions.add(session);
      const death = await used.started;
      if (death !== undefined) {
        await session.close();
        throw unavailable(death.reason);
      }
      return session;
    },
    // Its threads end with their process, and it writes no file.
    sweep: async () => undefined,
    async dispose() {
      await Promise.all([...sessions].map((session) => session.close()));
      await Promise.all(idle.splice(0).map((thread) => thread.stop()));
    },
  };
};
