/** What all backends of engines beside the host share: a box is a thread, and idle threads wait for the next session. */
import type { OpenOptions, Session } from "../../../contract/index.ts";
import { keptTrees } from "../../wire/messages.ts";
import type { DataFiles } from "../../workspace/memory-store.ts";
import { boxFailure, type RunnerBox, type RunnerConnection } from "../runner/box.ts";
import type { RunnerMessage } from "../runner/channel.ts";
import { runnerSessions } from "../runner/sessions.ts";
import { readDataFolders } from "../session/data-folders.ts";
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
  /** The thread's own code stands apart from its guest: see `RunnerBox`. */
  readonly isApart: boolean;
  makeThread(options: OpenOptions): EngineThread;
}

/** Milliseconds past a run's wall time after which the host ends a thread that has not ended the run itself. */
const graceMs = 250;

/** A thread, and the trees that it keeps. */
interface Kept {
  readonly thread: EngineThread;
  readonly trees: Map<ReadonlyMap<string, string>, number>;
  nextTree: number;
  isGone: boolean;
}

export function engineSessions({ sandbox, maxIdleThreads, isApart, makeThread }: EngineSessionsOptions): EngineSessions {
  const idle: Kept[] = [];
  const sessions = runnerSessions(sandbox);

  const take = (options: OpenOptions): Kept => {
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) if (!kept.isGone) return kept;
    const made: Kept = { thread: makeThread(options), trees: new Map(), nextTree: 1, isGone: false };
    void made.thread.ended.then(() => {
      made.isGone = true;
    });
    return made;
  };

  const box = (options: OpenOptions, data: DataFiles): RunnerBox => {
    let current: Kept | undefined;
    let measuring: PromiseWithResolvers<number | null> | undefined;
    const connect = async (kept: Kept): Promise<RunnerConnection> => {
      const { thread } = kept;
      const opened = Promise.withResolvers<void>();
      thread.listen((message) => {
        // What an earlier session has left is not this one's.
        if (message !== "broken" && message.type === "opened") opened.resolve();
      });
      sendFiles(kept, options, data);
      const gone = thread.ended.then(({ errorText }) => {
        throw boxFailure(sandbox, errorText || "its process ended at its start");
      });
      await Promise.race([opened.promise, gone]);
      return {
        ...thread,
        listen(listener) {
          thread.listen((message: RunnerMessage) => {
            if (message !== "broken" && message.type === "usage") measuring?.resolve(message.residentBytes);
            else listener(message);
          });
        },
        release: thread.stop,
      };
    };
    return {
      isApart,
      keepsRunner: true,
      graceMs,
      nextRunner() {
        current = take(options);
        current.thread.keepAlive(true);
        return connect(current);
      },
      async residentBytes() {
        if (current === undefined || current.isGone) return null;
        measuring = Promise.withResolvers();
        current.thread.send({ type: "measure" });
        return Promise.race([measuring.promise, current.thread.ended.then(() => null)]);
      },
      async destroy(isClean) {
        const kept = current;
        current = undefined;
        measuring?.resolve(null);
        if (kept === undefined) return;
        if (isClean !== true || kept.isGone || idle.length >= maxIdleThreads) return kept.thread.stop();
        kept.thread.send({ type: "close" });
        kept.thread.keepAlive(false);
        idle.push(kept);
      },
    };
  };

  return {
    async open(options) {
      const data = options.data === undefined || options.data.length === 0 ? noData : await readDataFolders(options.data);
      return sessions.open(options, noFiles, async () => box(options, data));
    },
    async dispose() {
      await sessions.dispose();
      await Promise.all(idle.splice(0).map(({ thread }) => thread.stop()));
    },
  };
}

/** The same tree is not sent twice, so it must not change. */
function sendFiles(kept: Kept, { files, memoryBytes }: OpenOptions, data: DataFiles): void {
  const { thread, trees } = kept;
  const known = trees.get(files);
  const tree = known ?? kept.nextTree++;
  if (known === undefined) {
    if (trees.size === keptTrees) trees.clear();
    trees.set(files, tree);
    for (const [path, content] of files) thread.send({ type: "file", path, content });
  }
  for (const [path, content] of data) thread.send({ type: "file", path, content });
  thread.send({ type: "open", tree, isKnown: known !== undefined, memoryBytes });
}

const noData: DataFiles = new Map();
const noFiles = new Map<string, string>();
