/**
 * A box that lives as long as its session and holds one runner after another, e.g. a container. Its runners connect to a
 * Unix socket in a folder that the box mounts read-only.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BenchError } from "../../../contract/index.ts";
import { channelSocket, nextRunnerLine } from "../../runner/process/supervisor.ts";
import type { SessionFolder } from "../session/session-folder.ts";
import { boxFailure, type RunnerBox, type RunnerEnd } from "./box.ts";
import { type Channel, type Ready, runnerChannel } from "./channel.ts";

/** Milliseconds that a box may take to report how a runner ended, after its channel has. */
const aftermathMs = 10_000;

/** What was started, seen from outside. */
export interface RunnerHolder {
  /** To the standard input of process 1. Text that cannot be sent is dropped, and `ended` says why. */
  tell(line: string): void;
  /** Settles once all of it has ended, with what is known of the end. Never rejects. */
  ended(): Promise<RunnerEnd>;
  /** Processes that the kernel has ended for its memory. Absent: the runners report what they see. */
  outOfMemoryKills?(): number;
  /** `null` if they cannot be measured. */
  residentBytes(): Promise<number | null>;
  /** Ends all of it and leaves nothing. Never rejects. */
  remove(): Promise<void>;
}

export interface SocketBoxOptions {
  readonly sandbox: string;
  /** Holds the channel; the box removes it. */
  readonly folder: SessionFolder;
  /** `channel`: absolute path of the folder with the socket. Leaves nothing if it rejects. */
  start(channel: string): Promise<RunnerHolder>;
}

/** Starts it; its first runner starts with it. Rejects with SANDBOX_UNAVAILABLE, and leaves nothing then. */
export async function socketBox({ sandbox, folder, start }: SocketBoxOptions): Promise<RunnerBox> {
  const channel = join(folder.path, "channel");
  const server = createServer();
  let handle: FileHandle | undefined;
  let holder: RunnerHolder | undefined;
  let destroyed: Promise<void> | undefined;

  const destroy = (): Promise<void> => {
    destroyed ??= (async () => {
      server.close();
      await handle?.close();
      await holder?.remove();
      await folder.remove();
    })();
    return destroyed;
  };

  const door = doorOf(server);
  try {
    await mkdir(channel, { mode: 0o755 });
    handle = await open(channel);
    const { fd } = handle;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      // A socket's path may have some 100 bytes; this one is short wherever the folder is. The folder around it is its
      // owner's alone; inside the box it is nobody who connects.
      server.listen({ path: `/proc/self/fd/${fd}/${channelSocket}`, writableAll: true, readableAll: true }, resolve);
    });
  } catch (cause) {
    await destroy();
    throw boxFailure(sandbox, `its channel below ${folder.path} cannot be made`, cause);
  }
  try {
    holder = await start(channel);
  } catch (cause) {
    await destroy();
    if (cause instanceof BenchError) throw cause;
    throw boxFailure(sandbox, `it cannot be started: ${(cause as Error).message}`, cause);
  }
  const started = holder;
  const kills = ({ outOfMemoryKills }: Ready) => started.outOfMemoryKills?.() ?? outOfMemoryKills;
  const boxEnd = started.ended();

  /** How the runner ended whose channel has closed. The next runner reports it, or the box if that is gone too. */
  const aftermath = async (killsBefore: number | null, following: Promise<ReadyRunner>): Promise<RunnerEnd> => {
    const told = following.then(({ ready }): RunnerEnd => {
      const { previous } = ready;
      if (previous === null) return unknownEnd;
      const killsAfter = kills(ready);
      // A shell reports a signal as 128 and its number. An engine that gives up aborts itself, and its stderr says why.
      const killed = previous.code > 128 && previous.code !== 128 + constants.signals.SIGABRT;
      return {
        code: killed ? null : previous.code,
        signal: killed ? `signal ${previous.code - 128}` : null,
        errorText: previous.errorText,
        outOfMemory: killsBefore !== null && killsAfter !== null && killsAfter > killsBefore,
      };
    });
    const waiting = new AbortController();
    const late = delay(aftermathMs, unknownEnd, { signal: waiting.signal }).catch(() => unknownEnd);
    return Promise.race([told, boxEnd, late]).finally(() => waiting.abort());
  };

  /** Lets the box start its next runner, and nobody else in. */
  const next = (before: "now" | "then"): Promise<ReadyRunner> => {
    const token = randomUUID();
    const runner = door.next(token);
    started.tell(nextRunnerLine(before, token));
    return runner;
  };
  let upcoming = next("then");

  return {
    async nextRunner() {
      if (destroyed !== undefined) throw boxFailure(sandbox, "it is closed");
      const gone = boxEnd.then(({ signal, errorText }) => {
        throw boxFailure(sandbox, `it ended before a runner was ready: ${errorText || signal}`);
      });
      const { channel: connection, socket, ready } = await Promise.race([upcoming, gone]);
      const killsBefore = kills(ready);
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      let following: Promise<ReadyRunner> | undefined;
      const follow = (before: "now" | "then"): Promise<ReadyRunner> => {
        following ??= next(before);
        upcoming = following;
        return following;
      };
      return {
        ...connection,
        ended: closed.then(() => aftermath(killsBefore, follow("then"))),
        async release() {
          void follow("now");
          socket.destroy();
          await closed;
        },
      };
    },
    residentBytes: () => started.residentBytes(),
    destroy,
  };
}

/** Of one runner: its `ready` has the error text of the one before. */
const mostReadyBytes = 2 ** 18;
/** Connections that have not shown the token yet. A guest's end with its program, before the runner that is awaited starts. */
const mostStrangers = 16;

interface ReadyRunner {
  readonly channel: Channel;
  readonly socket: Socket;
  readonly ready: Ready;
}

/**
 * Lets in one connection at a time: whose first message is a runner's and has the awaited token. Every other is dropped.
 * Of those that have not said anything yet the oldest makes room, because the runner comes after all that its predecessor
 * has left.
 */
function doorOf(server: Server): { next(token: string): Promise<ReadyRunner> } {
  let awaited: { readonly token: string; admit(runner: ReadyRunner): void } | undefined;
  const strangers = new Set<Socket>();
  server.on("connection", (socket) => {
    socket.on("error", () => undefined);
    if (awaited === undefined) {
      socket.destroy();
      return;
    }
    const [oldest] = strangers;
    if (strangers.size === mostStrangers) oldest?.destroy();
    strangers.add(socket);
    const bound = () => {
      if (socket.bytesRead > mostReadyBytes) socket.destroy();
    };
    socket.on("data", bound);
    socket.once("close", () => strangers.delete(socket));
    const channel = runnerChannel(socket, socket);
    channel.listen((message) => {
      const expected = awaited;
      const ready = message === "broken" || message?.type !== "ready" ? undefined : (message as Ready);
      if (expected === undefined || ready?.token !== expected.token) {
        socket.destroy();
        return;
      }
      awaited = undefined;
      socket.off("data", bound);
      strangers.delete(socket);
      for (const stranger of strangers) stranger.destroy();
      expected.admit({ channel, socket, ready });
    });
  });
  return {
    next: (token) =>
      new Promise((admit) => {
        awaited = { token, admit };
      }),
  };
}

export const unknownEnd: RunnerEnd = { code: null, signal: null, errorText: "", outOfMemory: false };
