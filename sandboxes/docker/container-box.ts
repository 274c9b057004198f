/**
 * A box that is a container: hardened, without a network, one process group that a shell restarts after every program.
 * The agents connect to a Unix socket in a folder that is mounted read-only.
 */
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import type { DataFolder, JsonObject } from "../../bench/types/index.ts";
import { type AgentBox, type AgentEnd, boxFailure } from "../agent/box.ts";
import { agentChannel, type Channel, type Ready, readyMessage } from "../agent/channel.ts";
import { agentEnvironment, nodeArguments } from "../agent/node-arguments.ts";
import type { SessionFolder } from "../session/session-folder.ts";
import { dataRoot, treeRoot } from "../session/session-tree.ts";
import { inTime } from "./engine.ts";
import { agentPath, guestUser } from "./image.ts";

/** Milliseconds for the daemon to make, start or remove a container, on a machine that is busy. */
const containerMs = 60_000;
/** Milliseconds that a box may take to tell how an agent ended, after its channel has. */
const aftermathMs = 10_000;
/** Memory that Node itself takes in a container, on top of what its guest was given. */
const engineMemoryBytes = 96 * 2 ** 20;
const workspaceBytes = 64 * 2 ** 20;
const temporaryBytes = 16 * 2 ** 20;
const maxProcesses = 64;
const maxOpenFiles = 1_024;
const channelFolder = "/run/mcp-code-bench";
const workspace = "/workspace";

/**
 * Process 1. It tells each agent how the one before ended and where its stderr is, and ends what that left behind:
 * `kill -1` spares process 1. Two files take turns, because a new agent empties its own.
 */
const supervisor = `code= last=/tmp/errors-1 errors=/tmp/errors-2
while :; do
  node "$@" ${agentPath} ${channelFolder}/agent.sock "$code" $last 2>$errors
  code=$? spare=$last last=$errors errors=$spare
  kill -9 -1 2>/dev/null
done`;

export interface ContainerBoxOptions extends ContainerSettings {
  readonly sandbox: string;
  readonly engine: Docker;
  /** Holds the channel; the box removes it. */
  readonly folder: SessionFolder;
}

/** What a container is made from. */
export interface ContainerSettings {
  readonly image: string;
  /** The runtime's name as the daemon knows it, e.g. `runc`. */
  readonly runtime: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Holds `servers/`, mounted read-only. */
  readonly tree: string;
  readonly data: readonly DataFolder[];
  /** For the guest; the container gets what Node itself takes on top of it. */
  readonly memoryBytes: number;
  readonly maxProcesses?: number;
}

/** What a container may do: the same for the adapter and for whoever compares it with the raw API. */
export function containerOptions(settings: ContainerSettings, channel: string): Docker.ContainerCreateOptions {
  const { image, runtime, labels, tree, data } = settings;
  const memoryBytes = settings.memoryBytes + engineMemoryBytes;
  return {
    Image: image,
    Cmd: ["/bin/sh", "-c", supervisor, "sh", ...nodeArguments(settings.memoryBytes)],
    Env: Object.entries({ ...agentEnvironment, PATH: "/usr/bin:/bin" }).map(([name, value]) => `${name}=${value}`),
    User: `${guestUser}:${guestUser}`,
    WorkingDir: workspace,
    Labels: { ...labels },
    NetworkDisabled: true,
    HostConfig: {
      Runtime: runtime,
      NetworkMode: "none",
      IpcMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      PidsLimit: settings.maxProcesses ?? maxProcesses,
      NanoCpus: 1e9,
      Ulimits: [
        { Name: "nofile", Soft: maxOpenFiles, Hard: maxOpenFiles },
        { Name: "core", Soft: 0, Hard: 0 },
      ],
      Tmpfs: {
        [workspace]: `rw,nosuid,nodev,size=${workspaceBytes},uid=${guestUser},gid=${guestUser},mode=755`,
        "/tmp": `rw,nosuid,nodev,noexec,size=${temporaryBytes},mode=1777`,
      },
      Mounts: [
        readOnly(channel, channelFolder),
        readOnly(join(tree, treeRoot), `${workspace}/${treeRoot}`),
        ...data.map(({ name, path }) => readOnly(path, `${workspace}/${dataRoot}/${name}`)),
      ],
      LogConfig: { Type: "none", Config: {} },
    },
  };
}

const readOnly = (source: string, target: string): Docker.MountSettings => ({
  Type: "bind",
  Source: source,
  Target: target,
  ReadOnly: true,
});

/** The same options without what differs from session to session; memory is what a guest of none would get. */
export function containerConfiguration(runtime: string): JsonObject {
  const nothing = { image: "", labels: {}, tree: "" };
  const { HostConfig, User, NetworkDisabled } = containerOptions({ ...nothing, runtime, memoryBytes: 0, data: [] }, "");
  return JSON.parse(JSON.stringify({ HostConfig, User, NetworkDisabled })) as JsonObject;
}

/** Starts the container; its first agent starts with it. Rejects with SANDBOX_UNAVAILABLE, and leaves nothing then. */
export async function containerBox(options: ContainerBoxOptions): Promise<AgentBox> {
  const { sandbox, engine, folder } = options;
  const channel = join(folder.path, "channel");
  const server = createServer();
  let handle: FileHandle | undefined;
  let container: Docker.Container | undefined;
  let destroyed: Promise<void> | undefined;

  const destroy = (): Promise<void> => {
    destroyed ??= (async () => {
      server.close();
      await handle?.close();
      if (container !== undefined) {
        // A daemon that does not answer leaves the container to the next sweep.
        await inTime("remove a container", containerMs, container.remove({ force: true, v: true })).catch(() => undefined);
      }
      await folder.remove();
    })();
    return destroyed;
  };

  const arrivals = connectionsOf(server);
  try {
    await mkdir(channel, { mode: 0o755 });
    handle = await open(channel);
    const { fd } = handle;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      // A socket's path may have some 100 bytes; this one is short wherever the folder is. The folder around it is its
      // owner's alone; inside the container it is nobody who connects.
      server.listen({ path: `/proc/self/fd/${fd}/agent.sock`, writableAll: true, readableAll: true }, resolve);
    });
  } catch (cause) {
    await destroy();
    throw boxFailure(sandbox, `its channel below ${folder.path} cannot be made`, cause);
  }
  const first = arrivals.next();
  try {
    container = await inTime("make a container", containerMs, engine.createContainer(containerOptions(options, channel)));
    await inTime("start a container", containerMs, container.start());
  } catch (cause) {
    await destroy();
    throw boxFailure(sandbox, `its container cannot be started: ${(cause as Error).message}`, cause);
  }
  const started = container;

  let upcoming = first.then(readyAgent);

  return {
    async nextAgent() {
      if (destroyed !== undefined) throw boxFailure(sandbox, "it is closed");
      const { channel: connection, socket, ready } = await upcoming;
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      const following = closed.then(() => {
        upcoming = arrivals.next().then(readyAgent);
        return upcoming;
      });
      return {
        ...connection,
        ended: closed.then(() => aftermath(started, ready.outOfMemoryKills, following)),
        async release() {
          socket.destroy();
          await closed;
        },
      };
    },
    residentBytes: () => containerMemory(started),
    destroy,
  };
}

/** Only the agent that is waited for is let in: whatever else a guest connects is its own affair. */
function connectionsOf(server: Server): { next(): Promise<Socket> } {
  let waiting: ((socket: Socket) => void) | undefined;
  server.on("connection", (socket) => {
    socket.on("error", () => undefined);
    if (waiting === undefined) socket.destroy();
    else waiting(socket);
    waiting = undefined;
  });
  return {
    next: () =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
  };
}

interface ReadyAgent {
  readonly channel: Channel;
  readonly socket: Socket;
  readonly ready: Ready;
}

async function readyAgent(socket: Socket): Promise<ReadyAgent> {
  const channel = agentChannel(socket, socket);
  return { channel, socket, ready: await readyMessage(channel) };
}

const unknownEnd: AgentEnd = { code: null, signal: null, errorText: "", outOfMemory: false };

/** How the agent ended whose channel has closed: the one after it tells, or the container if that is gone too. */
async function aftermath(
  container: Docker.Container,
  killsBefore: number | null,
  following: Promise<ReadyAgent>,
): Promise<AgentEnd> {
  const told = following.then(({ ready: { previous, outOfMemoryKills } }): AgentEnd => {
    if (previous === null) return unknownEnd;
    const outOfMemory = killsBefore !== null && outOfMemoryKills !== null && outOfMemoryKills > killsBefore;
    // A shell reports a signal as 128 and its number. An engine that gives up aborts itself, and its stderr says why.
    const killed = previous.code > 128 && previous.code !== 128 + constants.signals.SIGABRT;
    return {
      code: killed ? null : previous.code,
      signal: killed ? `signal ${previous.code - 128}` : null,
      errorText: previous.errorText,
      outOfMemory,
    };
  });
  const gone = container.wait().then(async (): Promise<AgentEnd> => {
    const { State: state } = await container.inspect();
    return { ...unknownEnd, signal: "the end of its container", outOfMemory: state.OOMKilled };
  });
  return inTime("tell how a program ended", aftermathMs, Promise.race([told, gone])).catch(() => unknownEnd);
}

/** Bytes that the container's control group holds, without the page cache; `null` if the daemon does not tell. */
async function containerMemory(container: Docker.Container): Promise<number | null> {
  try {
    const { memory_stats: memory } = await inTime(
      "tell its memory",
      aftermathMs,
      container.stats({ stream: false, "one-shot": true }),
    );
    // Control groups version 2, which the types do not know, then 1.
    const { anon, rss } = memory.stats as { readonly anon?: number; readonly rss?: number };
    return anon ?? rss ?? null;
  } catch {
    return null;
  }
}
