/**
 * A workerd process that serves sessions. The workspace lives here, on the host. An isolate gets a copy of it for each
 * program, and reports what the program wrote. The isolate or process for the next program is made ready while nothing
 * else is to be done.
 */

import { type EngineThread, engineThread } from "../../host/engine/thread.ts";
import type { FromWorker, ToWorker } from "../../wire/engine-protocol.ts";
import { hardOutputFactor } from "../../wire/output.ts";
import { type MemoryStore, memoryStore } from "../../workspace/memory-store.ts";
import { workspaceScheme } from "../../workspace/module-source.ts";
import { guestFiles } from "../../workspace/workspace.ts";
import { compileModules } from "./compile.ts";
import type { Configuration } from "./configuration.ts";
import { readMessage } from "./message.ts";
import { type Isolate, startWorkerd, type WorkerdProcess } from "./process.ts";
import type { ToIsolate, WireFile } from "./wire.ts";

/** Milliseconds between two looks at the memory of a process that runs a program. */
const watchMs = 10;
/** Resident bytes that a process may grow by beyond its session's limit: garbage that V8 has not collected. */
export const residentSlackBytes = 64 * 2 ** 20;

export interface WorkerdThreadOptions {
  readonly binary: string;
  readonly tmpDir: string;
  readonly configuration: Configuration;
  readonly memoryBytes: number;
  /** A process of its own for every program, else an isolate of its own. */
  readonly processPerProgram: boolean;
}

interface Session {
  readonly tree: ReadonlyMap<string, string>;
  readonly store: MemoryStore;
  readonly memoryBytes: number;
  /** Files and folders beside the tree, by path, in the order in which they came. */
  readonly extra: Map<string, Uint8Array | null>;
}

interface Ready {
  readonly workerd: WorkerdProcess;
  readonly isolate: Isolate;
}

type Run = Extract<ToWorker, { type: "run" }>;

export const workerdThread = (options: WorkerdThreadOptions): EngineThread =>
  engineThread((events) => {
    const processes = new Set<WorkerdProcess>();
    const trees = new Map<number, ReadonlyMap<string, string>>();
    let memoryBytes = options.memoryBytes;
    let session: Session | undefined;
    let running: (Ready & { readonly run: Run; watch: NodeJS.Timeout; overMemory: boolean; outputLength: number }) | undefined;
    let needed = true;
    let stopped = false;

    const start = (): WorkerdProcess => {
      const workerd = startWorkerd({ ...options, config: options.configuration.configOf(memoryBytes) });
      processes.add(workerd);
      workerd.keepAlive(needed);
      void workerd.ended.then(({ reason, outOfMemory }) => {
        processes.delete(workerd);
        if (running?.workerd !== workerd) return;
        const { overMemory } = running;
        endRun();
        events.died(reason, outOfMemory || overMemory);
      });
      return workerd;
    };
    const makeReady = async (workerd: WorkerdProcess): Promise<Ready> => ({ workerd, isolate: await workerd.newIsolate() });
    let ready = makeReady(start());
    // The next run reports it.
    ready.catch(() => undefined);
    ready.then(
      () => events.message({ type: "ready" }),
      (error: Error) => events.died(error.message, false),
    );

    const prepare = (workerd: WorkerdProcess) => {
      ready = makeReady(workerd);
      ready.catch(() => undefined);
    };
    const endRun = (): void => {
      clearInterval(running?.watch);
      running = undefined;
    };
    const answer = (request: number, value: string[] | Uint8Array | number | null) =>
      queueMicrotask(() => events.message({ type: "answer", request, value }));

    function keep(files: readonly WireFile[]): void {
      if (session === undefined) return;
      const { store, extra } = session;
      const rules = guestFiles(store);
      for (const [path, base64] of files) {
        try {
          if (base64 === null) rules.makeFolder(`/workspace/${path}`, true);
          else {
            const bytes = Buffer.from(base64, "base64");
            rules.write(`/workspace/${path}`, bytes, false);
            extra.set(path, bytes);
            continue;
          }
          extra.set(path, null);
        } catch {
          // The guest's own rules allow no such file: the message was forged.
        }
      }
    }

    function hear(line: string): void {
      if (running === undefined || session === undefined) return;
      const message = readMessage(line);
      if (message === undefined) {
        const { id } = { id: running.run.run };
        void fail(id, "its isolate sent what is no message");
        return;
      }
      if (message.type === "ready" || ("run" in message && message.run !== running.run.run)) return;
      if (message.type === "compile") {
        keep(message.written);
        const modules = compileModules(message.url, running.run.program, session.store);
        send(running.isolate, { type: "compiled", request: message.request, modules });
        return;
      }
      running.outputLength += message.progress.output.length;
      if (running.outputLength > hardOutputFactor * running.run.outputBytes) {
        const over = { ...nothing, output: "", callWaves: message.progress.callWaves };
        events.message(doneMessage(running.run.run, { status: "limit-exceeded", limit: "output" }, over));
        endRun();
        return;
      }
      if (message.type === "calls") {
        events.message(message);
        return;
      }
      const { written, ...done } = message;
      keep(written);
      const { workerd, isolate } = running;
      endRun();
      isolate.leave();
      events.message(done);
      if (stopped) return;
      if (options.processPerProgram) {
        void workerd.kill();
        prepare(start());
      } else prepare(workerd);
    }

    const fail = (run: number, reason: string) => events.message(doneMessage(run, { status: "broken", reason }, nothing));

    async function begin(run: Run, owner: Session): Promise<void> {
      const url = workspaceScheme + encodeURI(run.program.file);
      const modules = compileModules(url, run.program, owner.store);
      const { workerd, isolate } = await ready;
      if (session !== owner || stopped) return;
      const most = isolate.startBytes + owner.memoryBytes + residentSlackBytes;
      const active = {
        workerd,
        isolate,
        run,
        overMemory: false,
        outputLength: 0,
        watch: setInterval(() => {
          if ((workerd.residentBytes() ?? 0) <= most) return;
          active.overMemory = true;
          void workerd.kill();
        }, watchMs),
      };
      running = active;
      isolate.listen(hear);
      send(isolate, {
        type: "start",
        tree: [...owner.tree],
        files: [...owner.extra].map(([path, bytes]) => [path, bytes === null ? null : Buffer.from(bytes).toString("base64")]),
        modules,
        storeBytes: owner.memoryBytes,
        run,
      });
    }

    const send = (isolate: Isolate, message: ToIsolate) => isolate.send(JSON.stringify(message));

    return {
      post(message) {
        switch (message.type) {
          case "open": {
            if (message.files !== null) trees.set(message.tree, message.files);
            const tree = trees.get(message.tree) ?? new Map<string, string>();
            const store = memoryStore(tree, message.memoryBytes, message.data);
            session = { tree, store, memoryBytes: message.memoryBytes, extra: new Map(message.data) };
            if (message.memoryBytes === memoryBytes) return;
            memoryBytes = message.memoryBytes;
            for (const workerd of processes) void workerd.kill();
            prepare(start());
            return;
          }
          case "close":
            session = undefined;
            if (running === undefined) return;
            running.isolate.leave();
            endRun();
            return;
          case "run":
            if (session !== undefined) begin(message, session).catch((error: Error) => fail(message.run, error.message));
            return;
          case "reply":
            if (running?.run.run === message.run) send(running.isolate, message);
            return;
          case "readFile":
            return answer(message.request, session?.store.find(message.path) ?? null);
          case "writeFile":
            session?.store.put(message.path, message.bytes);
            session?.extra.set(message.path, message.bytes);
            return answer(message.request, null);
          case "listFiles":
            return answer(message.request, session?.store.files() ?? []);
          case "opened":
            ready.then(
              () => answer(message.request, null),
              (error: Error) => events.died(error.message, false),
            );
            return;
          case "usage":
            return answer(message.request, running?.workerd.residentBytes() ?? null);
        }
      },
      keepAlive(isNeeded) {
        needed = isNeeded;
        for (const workerd of processes) workerd.keepAlive(isNeeded);
      },
      async stop() {
        stopped = true;
        endRun();
        await Promise.all([...processes].map((workerd) => workerd.kill()));
      },
    };
  });

const nothing = { output: "", files: { read: [], wrote: [] }, callWaves: 0 };
type Done = Extract<FromWorker, { type: "done" }>;
const doneMessage = (run: number, end: Done["end"], progress: Done["progress"]): Done => ({
  type: "done",
  run,
  end,
  outputCut: end.status === "limit-exceeded",
  virtualWaitMs: 0,
  progress,
});
