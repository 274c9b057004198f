/** What all backends of an engine beside the host share: idle threads wait here for the next session, and all end together. */
import { BenchError, type OpenOptions, type Session } from "../../../contract/index.ts";
import { readDataFolders } from "../session/data-folders.ts";
import { engineSession, engineUnavailable } from "./session.ts";
import type { EngineThread } from "./thread.ts";

export interface EngineSessions {
  /** Rejects with SANDBOX_UNAVAILABLE, with ABORTED before anything is made, and with LIMIT for too much data. */
  open(options: OpenOptions): Promise<Session>;
  dispose(): Promise<void>;
}

export interface EngineSessionsOptions {
  readonly sandbox: string;
  /** Idle threads kept for the next session; more would only hold memory. */
  readonly maxIdleThreads: number;
  makeThread(options: OpenOptions): EngineThread;
}

export function engineSessions({ sandbox, maxIdleThreads, makeThread }: EngineSessionsOptions): EngineSessions {
  const idle: EngineThread[] = [];
  const sessions = new Set<Session>();

  const giveBack = async (thread: EngineThread, reusable: boolean) => {
    thread.assign(undefined);
    if (reusable && idle.length < maxIdleThreads) {
      thread.post({ type: "close" });
      idle.push(thread);
    } else await thread.stop();
  };

  return {
    async open(options) {
      if (options.signal?.aborted === true) throw new BenchError("ABORTED");
      const data = options.data === undefined || options.data.length === 0 ? noData : await readDataFolders(options.data);
      let thread = idle.pop();
      while (thread !== undefined && thread.death() !== undefined) thread = idle.pop();
      const used = thread ?? makeThread(options);
      const session = engineSession({
        sandbox,
        thread: used,
        open: options,
        data,
        release(reusable) {
          sessions.delete(session);
          return giveBack(used, reusable);
        },
      });
      sessions.add(session);
      try {
        const death = await used.started;
        if (death !== undefined) throw engineUnavailable(sandbox, death.reason);
        await session.opened();
        return session;
      } catch (error) {
        await session.close();
        throw error;
      }
    },
    async dispose() {
      await Promise.all([...sessions].map((session) => session.close()));
      await Promise.all(idle.splice(0).map((thread) => thread.stop()));
    },
  };
}

const noData = new Map<string, Uint8Array | null>();
