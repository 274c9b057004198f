/** A container that holds the runners of a session: hardened, without a network, every limit enforced by the kernel. */
import { join } from "node:path";
import type Docker from "dockerode";
import type { DataFolder, JsonObject, Language } from "../../../contract/index.ts";
import type { ControlGroup } from "../../../machine/control-group.ts";
import type { RunnerEnd } from "../../host/runner/box.ts";
import * as limits from "../../host/runner/box-limits.ts";
import { nodeArguments, runnerEnvironment } from "../../host/runner/node-arguments.ts";
import { pythonArguments, pythonPath } from "../../host/runner/python-files.ts";
import { type RunnerHolder, unknownEnd } from "../../host/runner/socket-box.ts";
import { dataRoot, treeRoot } from "../../host/session/session-tree.ts";
import {
  boxWorkspace,
  channelFolder,
  errorBytes,
  errorFolders,
  supervised,
  supervisorCapabilities,
} from "../../runner/process/supervisor.ts";
import { inTime } from "./engine.ts";
import { runnerPath } from "./image.ts";
import { pythonRunnerPath } from "./python-image.ts";

/** Milliseconds for the daemon to make, start or remove a container, on a machine that is busy. */
const containerMs = 60_000;
/** Milliseconds for a question about one. */
const answerMs = 10_000;
/** Exit code of a killed process. */
const killedCode = 137;

/** What carries containers, and what it needs for itself. */
export interface ContainerRuntime {
  /** As the daemon knows it. */
  readonly name: string;
  /** For the engine and the runtime, on top of what the guest was given. */
  readonly engineMemoryBytes: number;
  /** Of the container's control group. */
  readonly maxProcesses: number;
  /** Limit on the guest alone, where the runtime's own threads are in the group too. */
  readonly guestProcesses?: number;
  /** Bytes by which a group around the container is smaller. Present where the daemon may miss why a container ended. */
  readonly outerGroupBytes?: number;
}

export const runc: ContainerRuntime = {
  name: "runc",
  engineMemoryBytes: limits.engineMemoryBytes,
  maxProcesses: limits.maxProcesses,
};

/** What a container is made from. */
export interface ContainerSettings {
  readonly image: string;
  readonly runtime: ContainerRuntime;
  readonly labels: Readonly<Record<string, string>>;
  /** Holds `servers/`, mounted read-only. */
  readonly tree: string;
  readonly data: readonly DataFolder[];
  /** For the guest. */
  readonly memoryBytes: number;
  /** Absent: JavaScript. */
  readonly language?: Language;
}

const runnerCommand = ({ language, memoryBytes }: ContainerSettings): readonly string[] =>
  language === "python"
    ? [...limits.becomeNobody, pythonPath, ...pythonArguments, pythonRunnerPath]
    : [...limits.becomeNobody, "node", ...nodeArguments(memoryBytes), runnerPath];

/** What a container may do, for the backend and for the benchmark that compares it with the raw API. */
export function containerOptions(settings: ContainerSettings, channel: string): Docker.ContainerCreateOptions {
  const { image, runtime, labels, tree, data } = settings;
  const memoryBytes = settings.memoryBytes + runtime.engineMemoryBytes;
  const { guestUser, maxOpenFiles } = limits;
  return {
    Image: image,
    Cmd: supervised(runnerCommand(settings)),
    Env: Object.entries({ ...runnerEnvironment, PATH: "/usr/bin:/bin" }).map(([name, value]) => `${name}=${value}`),
    // Process 1 alone: what it starts becomes nobody.
    User: "0:0",
    OpenStdin: true,
    // It ends, and the box with it, when the harness has gone.
    StdinOnce: true,
    WorkingDir: boxWorkspace,
    Labels: { ...labels },
    NetworkDisabled: true,
    HostConfig: {
      Runtime: runtime.name,
      NetworkMode: "none",
      IpcMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      CapAdd: [...supervisorCapabilities],
      SecurityOpt: ["no-new-privileges"],
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      PidsLimit: runtime.maxProcesses,
      NanoCpus: limits.cpus * 1e9,
      Ulimits: [
        fixedLimit("nofile", maxOpenFiles),
        fixedLimit("core", 0),
        ...(runtime.guestProcesses === undefined ? [] : [fixedLimit("nproc", runtime.guestProcesses)]),
      ],
      Tmpfs: {
        [boxWorkspace]: `rw,nosuid,nodev,size=${limits.workspaceBytes},uid=${guestUser},gid=${guestUser},mode=755`,
        "/tmp": `rw,nosuid,nodev,noexec,size=${limits.temporaryBytes},mode=1777`,
        ...Object.fromEntries(errorFolders.map((folder) => [folder, `rw,nosuid,nodev,noexec,size=${errorBytes},mode=755`])),
      },
      Mounts: [
        readOnly(channel, channelFolder),
        readOnly(join(tree, treeRoot), `${boxWorkspace}/${treeRoot}`),
        ...data.map(({ name, path }) => readOnly(path, `${boxWorkspace}/${dataRoot}/${name}`)),
      ],
      LogConfig: { Type: "none", Config: {} },
    },
  };
}

const fixedLimit = (name: string, value: number) => ({ Name: name, Soft: value, Hard: value });

const readOnly = (source: string, target: string): Docker.MountSettings => ({
  Type: "bind",
  Source: source,
  Target: target,
  ReadOnly: true,
});

/** The same options without what differs from session to session, with the memory of a guest that was given 0 bytes. */
export function containerConfiguration(runtime: ContainerRuntime): JsonObject {
  const nothing = { image: "", labels: {}, tree: "" };
  const { HostConfig, User, NetworkDisabled } = containerOptions({ ...nothing, runtime, memoryBytes: 0, data: [] }, "");
  const settings = { HostConfig, User, NetworkDisabled, setpriv: limits.becomeNobody };
  return JSON.parse(JSON.stringify(settings)) as JsonObject;
}

/**
 * Makes and starts a container. Rejects with what the daemon said, and then leaves nothing. `group` is put around it, and
 * removed with it.
 */
export async function startContainer(
  engine: Docker,
  options: Docker.ContainerCreateOptions,
  group?: ControlGroup,
): Promise<RunnerHolder> {
  const placed = group === undefined ? options : { ...options, HostConfig: { ...options.HostConfig, CgroupParent: group.path } };
  const container = await inTime("make a container", containerMs, engine.createContainer(placed)).catch(async (error) => {
    await group?.remove();
    throw error;
  });
  const remove = async () => {
    // A daemon that does not answer leaves the container to the next sweep.
    await inTime("remove a container", containerMs, container.remove({ force: true, v: true })).catch(() => undefined);
    await group?.remove();
  };
  let input: NodeJS.ReadWriteStream;
  try {
    const attached = container.attach({ stream: true, stdin: true, hijack: true });
    input = await inTime("attach to a container", containerMs, attached);
    await inTime("start a container", containerMs, container.start());
  } catch (error) {
    await remove();
    throw error;
  }
  // Its end says more.
  input.on("error", () => undefined).resume();
  const ended = container.wait().then(
    () => endOf(container, group),
    () => unknownEnd,
  );
  return {
    tell: (line) => void input.write(line),
    ended: () => ended,
    residentBytes: () => containerMemory(container),
    async remove() {
      await remove();
      input.end();
    },
  };
}

/** How a container ended. Never rejects. */
async function endOf(container: Docker.Container, group: ControlGroup | undefined): Promise<RunnerEnd> {
  try {
    const { State: state } = await inTime("tell how a container ended", answerMs, container.inspect());
    const { OOMKilled: told, ExitCode: code } = state;
    const outOfMemory = told || (code === killedCode && group?.wasFull() === true);
    return { ...unknownEnd, signal: `the end of its container (exit code ${code})`, outOfMemory };
  } catch {
    // It is gone already, or the daemon does not answer.
    return { ...unknownEnd, signal: "the end of its container" };
  }
}

/** Bytes that the container's control group holds, without the page cache; `null` if the daemon does not report them. */
async function containerMemory(container: Docker.Container): Promise<number | null> {
  try {
    const { memory_stats: memory } = await inTime(
      "tell its memory",
      answerMs,
      container.stats({ stream: false, "one-shot": true }),
    );
    // Control groups version 2, which the types do not know, then 1.
    const { anon, rss } = memory.stats as { readonly anon?: number; readonly rss?: number };
    return anon ?? rss ?? null;
  } catch {
    return null;
  }
}
