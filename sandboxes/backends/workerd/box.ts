/**
 * A box whose runners are isolates of workerd, one for each program. The workspace lives here, on the host. An isolate gets
 * a copy of it for its program, and reports what the program wrote. The isolate or process for the next program is made
 * ready while nothing else is to be done.
 */
import type { OpenOptions } from "../../../contract/index.ts";
import { boxFailure, type RunnerBox, type RunnerConnection, type RunnerEnd } from "../../host/runner/box.ts";
import { lineChannel, type RunnerMessage } from "../../host/runner/channel.ts";
import { sendFile, sendPaths } from "../../runner/answers.ts";
import type { FromRunner, ToRunner } from "../../wire/messages.ts";
import { type DataFiles, memoryStore } from "../../workspace/memory-store.ts";
import { workspaceScheme } from "../../workspace/module-source.ts";
import { guestFiles } from "../../workspace/workspace.ts";
import { compileModules } from "./compile.ts";
import type { WorkerdProcess } from "./process.ts";

/** Milliseconds between two looks at the memory of a process that runs a program. */
const watchMs = 10;
/** Resident bytes that a process may grow by beyond its session's limit: garbage that V8 has not collected. */
export const residentSlackBytes = 64 * 2 ** 20;
/** UTF-16 units of a program, or of a module that it imports, that is compiled here. */
const longestModule = 2 ** 20;

export interface WorkerdBoxOptions {
  readonly sandbox: string;
  readonly open: OpenOptions;
  readonly data: DataFiles;
  /** A process that is not used. */
  takeProcess(): WorkerdProcess;
  /** `isClean`: its last program came to its own end. */
  giveBack(workerd: WorkerdProcess, isClean: boolean): Promise<void>;
  /** A process of its own for every program, else an isolate of its own. */
  readonly processPerProgram: boolean;
}

type Program = Extract<ToRunner, { type: "run" }>["program"];

export function workerdBox({ sandbox, open, data, takeProcess, giveBack, processPerProgram }: WorkerdBoxOptions): RunnerBox {
  const { files: tree, memoryBytes } = open;
  const store = memoryStore(tree, memoryBytes, data);
  /** Files and folders beside the tree, by path, in the order in which they came. */
  const extra = new Map<string, Uint8Array | null>(data);
  let workerd: WorkerdProcess | undefined;
  let destroyed: Promise<void> | undefined;
  /** Of the process of the program before, which nobody waits for between programs. */
  let ending: Promise<void> | undefined;

  /** What a program has written so far, and how long that is. */
  const written = () => {
    const parts = new Map<string, Uint8Array[] | null>();
    let bytes = 0;
    return {
      /** `false`: it is more than the session may hold. */
      add({ path, content, continues }: Extract<FromRunner, { type: "wrote" }>): boolean {
        bytes += content?.byteLength ?? 0;
        const known = parts.get(path);
        if (continues && known != null && content !== null) known.push(content);
        else parts.set(path, content === null ? null : [content]);
        return bytes <= 2 * memoryBytes;
      },
      keep() {
        const rules = guestFiles(store);
        for (const [path, pieces] of parts) {
          const content = pieces === null ? null : pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
          try {
            if (content === null) rules.makeFolder(`/workspace/${path}`, true);
            else rules.write(`/workspace/${path}`, content, false);
            extra.set(path, content);
          } catch {
            // The guest's own rules allow no such file: the message was forged.
          }
        }
        parts.clear();
        bytes = 0;
      },
    };
  };

  async function connect(used: WorkerdProcess): Promise<RunnerConnection> {
    const isolate = await used.newIsolate().catch((cause: Error) => {
      throw boxFailure(sandbox, cause.message, cause);
    });
    const { channel, add } = lineChannel(isolate.input);
    isolate.listen((line) => add(`${line}\n`));
    const news = written();
    let listener: (message: RunnerMessage) => void = () => undefined;
    let watch: NodeJS.Timeout | undefined;
    let overMemory = false;
    const compile = (url: string, program: Program) => {
      for (const module of compileModules(url, program, store, longestModule)) channel.send({ type: "module", ...module });
    };
    let program: Program = { file: "", source: "" };
    channel.listen((message) => {
      if (message === "broken") listener(message);
      else if (message.type === "wrote") {
        if (!news.add(message)) listener("broken");
      } else if (message.type === "need") {
        news.keep();
        compile(message.url, program);
        channel.send({ type: "supplied" });
      } else {
        if (message.type === "done") {
          clearInterval(watch);
          news.keep();
        }
        listener(message);
      }
    });
    const begin = (message: Extract<ToRunner, { type: "run" }>) => {
      const most = isolate.startBytes + memoryBytes + residentSlackBytes;
      watch = setInterval(() => {
        if ((used.residentBytes() ?? 0) <= most) return;
        overMemory = true;
        void used.kill();
      }, watchMs);
      ({ program } = message);
      for (const [path, content] of tree) channel.send({ type: "file", path, content });
      for (const [path, content] of extra) channel.send({ type: "file", path, content });
      compile(workspaceScheme + encodeURI(program.file), program);
      channel.send({ type: "open", tree: 1, isKnown: false, memoryBytes });
      // The modules hold it, and the isolate cannot compile.
      channel.send({ ...message, program: { file: program.file, source: "" } });
    };
    const attend = (request: Extract<ToRunner, { type: "ask" }>) => {
      let fault: string | null = null;
      const found = request.operation === "read" ? store.find(request.path) : undefined;
      if (request.operation === "list") sendPaths(store.files(), listener);
      else if (request.operation === "write") {
        store.put(request.path, request.bytes);
        extra.set(request.path, request.bytes);
      } else if (found === undefined) fault = "ENOENT";
      else sendFile(found, listener);
      listener({ type: "answer", fault });
    };
    return {
      send(message) {
        if (message.type === "run") begin(message);
        else if (message.type === "ask") queueMicrotask(() => attend(message));
        else channel.send(message);
      },
      listen(next) {
        listener = next;
      },
      unsentBytes: () => isolate.input.writableLength,
      ended: used.ended.then(({ reason, outOfMemory }): RunnerEnd => {
        clearInterval(watch);
        return { code: null, signal: reason, errorText: reason, outOfMemory: outOfMemory || overMemory };
      }),
      async release() {
        clearInterval(watch);
        isolate.leave();
        if (!processPerProgram) return;
        workerd = undefined;
        ending = giveBack(used, false);
        await ending;
      },
    };
  }

  return {
    async nextRunner() {
      if (destroyed !== undefined) throw boxFailure(sandbox, "it is closed");
      workerd ??= takeProcess();
      return connect(workerd);
    },
    residentBytes: async () => workerd?.residentBytes() ?? null,
    destroy(isClean) {
      destroyed ??= (async () => {
        if (workerd !== undefined) await giveBack(workerd, isClean === true);
        await ending;
      })();
      return destroyed;
    },
  };
}
